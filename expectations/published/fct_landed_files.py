"""What was delivered, and what became of it."""

from expectations.rules import at_least, in_set, not_null

SUITE = [
    *not_null("feed", "source_file", "status"),
    in_set("status", "loaded", "duplicate", "refused"),
    *at_least(0, "line_count", "header_count", "trailer_count", "blank_count"),
    *at_least(0, "loaded_count", "quarantined_count"),
]
