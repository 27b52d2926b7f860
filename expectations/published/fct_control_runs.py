"""What each control looked at in each month."""

from expectations.rules import at_least, in_set, not_null, unique

SUITE = [
    *not_null("control_id", "billing_month", "status"),
    unique("control_id", "billing_month", "currency_code"),
    in_set("status", "pass", "findings", "not_run", "low_coverage"),
    *at_least(0, "left_count", "right_count", "matched_count", "explained_count"),
    *at_least(0, "pending_count", "finding_count", "under_amount", "over_amount"),
]
