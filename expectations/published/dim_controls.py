"""The catalogue of controls."""

from expectations.rules import in_set, match, not_null, unique

SUITE = [
    *not_null("control_id", "title", "question", "owner", "severity"),
    unique("control_id"),
    match("control_id", "^[A-Z]{2,3}-[0-9]{2}$"),
    in_set("severity", "S1", "S2", "S3", "S4"),
]
