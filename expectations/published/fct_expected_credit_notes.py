"""What credit notes should come to."""

from expectations.rules import match, not_null

SUITE = [
    *not_null("credit_request_id", "account_id", "total_amount", "currency_code"),
    match("currency_code", "^[A-Z]{3}$"),
]
