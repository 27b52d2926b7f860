"""What was agreed with partners."""

from expectations.rules import in_set, match, not_null, unique

SUITE = [
    *not_null("agreement_id", "version_no", "partner_id", "dispute_days", "valid_from_on"),
    unique("agreement_id", "version_no"),
    in_set("direction_code", "incoming", "outgoing", "transit"),
    match("currency_code", "^[A-Z]{3}$"),
    match("settlement_currency_code", "^[A-Z]{3}$"),
]
