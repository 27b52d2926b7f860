"""Declared against measured, from the total down to the hour."""

from expectations.rules import in_set, match, not_null

SUITE = [
    *not_null("partner_id", "direction_code", "statement_month", "level_code", "currency_code"),
    in_set("match_type", "MATCHED", "MATCHED_WITH_DIFF", "LEFT_ONLY", "RIGHT_ONLY"),
    match("currency_code", "^[A-Z]{3}$"),
]
