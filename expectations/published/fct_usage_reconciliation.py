"""Counts and quantities of both sides of the match."""

from expectations.rules import at_least, not_null, unique

SUITE = [
    *not_null("event_on", "service_code", "result_type"),
    unique("event_on", "service_code", "result_type"),
    *at_least(0, "left_count", "right_count", "left_quantity", "right_quantity"),
]
