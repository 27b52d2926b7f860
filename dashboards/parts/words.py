"""Plain words for the codes of the published tables; a code without words is shown as it is."""

from __future__ import annotations

STEPS = {
    "expected": "Expected",
    "lost_before_rating": "Lost before rating",
    "not_in_billing": "Not in billing",
    "suspense": "Waiting in suspense",
    "billing_only": "Only in billing",
    "rating": "Rated differently",
    "timing": "Billed in another month",
    "not_invoiced": "Rated, not invoiced",
    "invoicing": "Invoiced differently",
    "billed": "Billed",
}
STREAMS = {
    "recurring": "Recurring charges",
    "usage": "Usage",
    "one_off": "One-off charges",
    "invoice_document": "Figures printed on invoices",
    "settlement": "Settlement with partners",
}
CATEGORIES = {
    "FEED_MISSING": "Feed did not arrive",
    "FEED_LOW": "Feed far below normal",
    "ENUM_NEW": "Unknown code delivered",
    "SCHEMA_DRIFT": "Source changed shape",
    "KEY_NULL": "Join key empty",
    "KEY_DUP": "Key used twice",
    "NOT_RUN": "Control did not run",
    "DECLARED_LOW": "Partner declares less",
    "DECLARED_HIGH": "Partner declares more",
    "RATE_DIFF": "Partner has another price",
    "BAND_DIFF": "Partner has another band",
    "PERIOD_SHIFT": "Partner's clock moves the month",
    "MISSING_STATEMENT": "No statement came",
    "ROUTE_UNMAPPED": "Route without an owner",
    "AGREEMENT_EXPIRED": "Agreement has ended",
    "WRONG_DIRECTION": "Route used the other way",
    "FILE_MISSING": "File lost",
    "FILE_DUP": "File delivered twice",
    "FILE_SHORT": "File incomplete",
    "SEQ_RESET": "File numbering restarted",
    "LOST_IN_MEDIATION": "Lost in mediation",
    "UNIT_LOSS": "Quantity shortened",
    "CREATED_RECORDS": "Records the network never wrote",
    "UNBILLED_AFTER_CYCLE": "Rated, never billed",
    "BILLED_TWICE": "Billed twice",
    "DUP_EXACT": "Exact copy charged",
    "DUP_NEAR": "Near copy charged",
    "WRONG_PLAN": "Rated with the wrong plan",
    "WRONG_ZONE": "Rated in the wrong zone",
    "ALLOWANCE": "Allowance counted wrongly",
    "ROUNDING": "Rounded wrongly",
    "UNDER_RATED": "Rated too low",
    "OVER_RATED": "Rated too high",
    "NO_RATE": "No price found",
    "ZERO_NO_REASON": "Free without a reason",
    "ZERO_ALLOWANCE_EMPTY": "Free although the allowance is used up",
    "ACTIVE_UNBILLED": "Active, not billed",
    "FEATURE_UNBILLED": "Add-on active, not billed",
    "BILLED_NOT_ACTIVE": "Billed, not active",
    "BILLED_FEATURE_ABSENT": "Add-on billed, not active",
    "RC_MISSING": "Recurring charge missing",
    "RC_DUP": "Recurring charge twice",
    "RC_PRICE": "Recurring charge at a wrong price",
    "RC_PERIOD_GAP": "Days not charged",
    "RC_PERIOD_OVERLAP": "Days charged twice",
    "FEE_MISSING": "Fee not billed",
    "FEE_DUPLICATE": "Fee billed twice",
    "FEE_AMOUNT": "Fee of a wrong amount",
    "WAIVER_NO_APPROVAL": "Fee waived without approval",
    "FOOT_DIFF": "Invoice total does not add up",
    "TAX_FOOT": "Tax does not add up",
    "BALANCE_FWD_DIFF": "Wrong balance carried forward",
    "LINE_MATH": "Line does not multiply",
}
SEVERITIES = {"S1": "critical", "S2": "high", "S3": "medium", "S4": "low"}
SEVERITY_ICONS = {
    "S1": ":material/keyboard_double_arrow_up:",
    "S2": ":material/keyboard_arrow_up:",
    "S3": ":material/drag_handle:",
    "S4": ":material/keyboard_arrow_down:",
}
STATUSES = {
    "pass": "passed",
    "findings": "findings",
    "not_run": "NOT RUN",
    "low_coverage": "low coverage",
}
KINDS = {
    "total": "Expected and billed",
    "under": "Under-billed",
    "over": "Over-billed",
    "listed": "Explained by listed items",
    "unexplained": "Unexplained",
}


def step(code: str) -> str:
    """A step of the bridge."""
    return STEPS.get(code, _plain(code))


def stream(code: str) -> str:
    """A revenue stream."""
    return STREAMS.get(code, _plain(code))


def category(code: str) -> str:
    """What is wrong."""
    return CATEGORIES.get(code, _plain(code))


def severity(code: str | None) -> str:
    """`S1 critical`."""
    return f"{code} {SEVERITIES.get(code, '')}".strip() if code else ""


def field(name: str) -> str:
    """The name of a column."""
    return _plain(name)


def _plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
