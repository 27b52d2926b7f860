"""Lines of what should have been invoiced."""

from expectations.rules import match, not_null

SUITE = [
    *not_null("billing_month", "account_id", "line_amount", "currency_code"),
    match("currency_code", "^[A-Z]{3}$"),
]
