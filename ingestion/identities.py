"""Checks of identities of subscribers, devices and cards."""

from __future__ import annotations

from ingestion.macros import luhn_sql

_SHAPES = {
    "imsi": "[0-9]{14,15}",
    # Fourteen digits, then a check digit, or two of the software version.
    "imei": "[0-9]{14,16}",
    "iccid": "89[0-9]{16,18}",
}


def identity_sql(text: str, check: str) -> str:
    """Return SQL that holds for a text that is such an identity.

    Args:
        text: SQL of the text.
        check: imsi, imei or iccid for the shape; imei_luhn, iccid_luhn for the check digit too. An
            IMEI of 14 or 16 digits and an ICCID of 18 have none.
    """
    kind, _, level = check.partition("_")
    shape = f"regexp_full_match({text}, '{_SHAPES[kind]}')"
    if level != "luhn":
        return shape
    bare = {"imei": "<> 15", "iccid": "= 18"}[kind]
    return f"{shape} AND (length({text}) {bare} OR {luhn_sql(text)})"
