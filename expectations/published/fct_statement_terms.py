"""What holds for the statements of a month."""

from expectations.rules import in_set, match, not_null, unique

SUITE = [
    *not_null("partner_id", "statement_month", "agreement_id", "stated_on", "dispute_until_on"),
    unique("partner_id", "direction_code", "statement_month"),
    in_set("direction_code", "incoming", "outgoing", "transit"),
    match("currency_code", "^[A-Z]{3}$"),
]
