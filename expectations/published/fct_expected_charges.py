"""What should have been charged."""

from expectations.rules import columns, match, not_null

SUITE = [
    columns("gross_amount", "discount_amount"),
    *not_null("billing_month", "account_id", "charge_type", "net_amount", "currency_code"),
    match("currency_code", "^[A-Z]{3}$"),
]
