"""The rule, arithmetic and records behind each finding."""

from expectations.rules import columns, not_null, unique

SUITE = [
    columns("left_source_file", "left_source_row", "left_file_hash", "left_record", "price_record"),
    *not_null("finding_id", "rule", "arithmetic"),
    unique("finding_id"),
]
