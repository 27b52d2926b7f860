"""The bridge from expected to billed, of which nothing may stay unexplained."""

from expectations.rules import at_least, columns, exactly, match, not_null, unique

SUITE = [
    columns("step_amount", "listed_amount"),
    *not_null("billing_month", "account_id", "revenue_stream", "step_code", "currency_code"),
    unique("billing_month", "account_id", "revenue_stream", "step_no", "currency_code"),
    *at_least(0, "under_amount", "over_amount"),
    *exactly(0, "unexplained_amount"),
    match("currency_code", "^[A-Z]{3}$"),
]
