"""How a number is printed: the pattern of the legal entity, filled with entity, year and number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagster_project.lib.errors import DataError

DEFAULT_PATTERN = "{entity}-{year}-{number:06}"
_WORD = re.compile(r"\{(entity|year|number)(?::0?(\d{1,2}))?\}")


def number_of(invoice: Mapping[str, Any], year: int, number: int) -> str:
    """The number of a document, from the pattern that its seller had at the draft.

    Raises: DataError when the pattern cannot tell two documents apart.
    """
    seller = invoice["parties"].get("seller") or {}
    entity = str(invoice["legal_entity_code"])
    return print_number(
        seller.get("invoice_number_pattern") or DEFAULT_PATTERN, entity, year, number
    )


def print_number(pattern: str, entity: str, year: int, number: int) -> str:
    """The pattern filled: `{entity}-{year}-{number:06}` becomes `NORTH-2026-000001`.

    Raises: DataError when the pattern has no number, no year, or a word that is not known.
    """
    words = {found[1] for found in _WORD.finditer(pattern)}
    rest = _WORD.sub("", pattern)
    if not {"number", "year"} <= words or "{" in rest or "}" in rest:
        raise DataError(
            "TIE-3068",
            f"'{pattern}' is no pattern for invoice numbers",
            where=f"legal_entities: {entity}, column invoice_number_pattern",
            effect="nothing was issued and no number was used",
            fix="write it with {year} and {number}, for example {entity}-{year}-{number:06}",
        )
    values = {"entity": entity, "year": str(year), "number": str(number)}
    printed = _WORD.sub(lambda found: values[found[1]].rjust(int(found[2] or 0), "0"), pattern)
    return printed.lstrip("-/ ") if not entity else printed
