"""Personal data is masked before anything is drawn or exported: the last three digits stay."""

from __future__ import annotations

import re
from typing import Any

SHOWN = 3
# The columns that the feed contracts call personal, by name or by ending.
PERSONAL = frozenset(
    {"service_id", "imsi", "customer_name", "approved_by", "reference", "iccid", "imei", "msisdn"}
    | {"billing_name", "street_address", "tax_id", "iban", "direct_debit_mandate_id"}
)
_ENDINGS = ("_number", "_number_raw", "service_id_raw")
# A telephone number that stands alone: no part of a longer key, a path, a date or a quantity.
_NUMBER = re.compile(r"(?<![\w.\-/])\+?\d{8,15}(?![\w.\-/])")


def is_personal(name: str) -> bool:
    """Whether a column holds personal data."""
    return name in PERSONAL or name.endswith(_ENDINGS)


def mask(value: Any) -> Any:
    """`•••848`; nothing stays nothing."""
    text = "" if value is None else str(value)
    return f"•••{text[-SHOWN:] if len(text) > SHOWN else ''}" if text else value


def mask_numbers(text: str | None) -> str:
    """Free text with every telephone number in it masked."""
    return _NUMBER.sub(lambda found: mask(found[0]), text or "")


def mask_record(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its personal fields masked, and numbers in its other texts."""
    return {
        name: mask(value)
        if is_personal(name)
        else mask_numbers(value)
        if isinstance(value, str)
        else value
        for name, value in record.items()
    }
