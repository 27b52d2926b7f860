"""Findings: each owned by one control, dated, priced and never netted."""

from expectations.rules import at_least, columns, in_set, match, not_null, unique

SUITE = [
    columns("evidence", "expected_amount", "actual_amount", "account_id", "run_id"),
    *not_null("finding_id", "control_id", "category", "period", "value_key", "currency_code"),
    unique("finding_id"),
    unique("control_id", "period", "category", "value_key"),
    *at_least(0, "under_amount", "over_amount", "cost_amount", "timing_amount"),
    match("currency_code", "^[A-Z]{3}$"),
    in_set("severity", "S1", "S2", "S3", "S4"),
    in_set("confidence", "exact", "estimated"),
]
