"""Our own statement of what is exchanged with partners."""

from expectations.rules import in_set, match, not_null

SUITE = [
    *not_null(
        "partner_id", "agreement_id", "direction_code", "event_on", "line_amount", "currency_code"
    ),
    in_set("line_type", "usage", "true_up", "shortfall"),
    match("currency_code", "^[A-Z]{3}$"),
]
