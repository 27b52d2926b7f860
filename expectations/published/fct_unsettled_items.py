"""What is on no statement, and why."""

from expectations.rules import in_set, match, not_null

SUITE = [
    *not_null("item_type", "reason_code", "reason"),
    in_set("item_type", "traffic", "repeated", "declared", "unconverted", "price"),
    match("currency_code", "^[A-Z]{3}$"),
]
