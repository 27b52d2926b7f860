"""Declared less measured, in parts."""

from expectations.rules import in_set, match, not_null

SUITE = [
    *not_null(
        "partner_id",
        "direction_code",
        "statement_month",
        "difference_amount",
        "disputed_amount",
        "currency_code",
    ),
    in_set("direction_code", "incoming", "outgoing", "transit"),
    match("currency_code", "^[A-Z]{3}$"),
]
