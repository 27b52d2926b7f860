"""How the amount of a finding falls on accounts, streams and months."""

from expectations.rules import at_least, match, not_null

SUITE = [
    *not_null("finding_id", "revenue_stream", "billing_month", "currency_code"),
    *at_least(0, "under_amount", "over_amount"),
    match("currency_code", "^[A-Z]{3}$"),
]
