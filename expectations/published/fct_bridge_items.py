"""The single items behind each step of the bridge."""

from expectations.rules import match, not_null

SUITE = [
    *not_null("billing_month", "account_id", "revenue_stream", "step_code", "item_type"),
    *not_null("item_key", "item_amount"),
    match("currency_code", "^[A-Z]{3}$"),
]
