"""What is not billed, and why."""

from expectations.rules import match, not_null

SUITE = [
    *not_null("billing_month", "held_charge_key", "reason", "currency_code"),
    match("currency_code", "^[A-Z]{3}$"),
]
