"""Findings of each control by day."""

from expectations.rules import at_least, match, not_null, unique

SUITE = [
    *not_null("control_id", "event_on"),
    unique("control_id", "event_on", "currency_code"),
    *at_least(0, "finding_count", "under_amount", "over_amount"),
    match("currency_code", "^[A-Z]{3}$"),
]
