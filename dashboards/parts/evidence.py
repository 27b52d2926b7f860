"""What a finding stands on, made readable: both records field by field, and the arithmetic."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboards.parts import masking

SAME, DIFFERS, ONLY_LEFT, ONLY_RIGHT = "same", "differs", "only left", "only right"
# `days_due` and `days_billed` are the same field of the two sides.
_SIDE_ENDING = re.compile(r"_(due|billed)$")
# Commas part the arithmetic only where both sides hold figures, and never inside brackets.
_COMMA = re.compile(r", (?![^()]*\))")


@dataclass(frozen=True)
class Field:
    """One field of both records."""

    name: str
    left: str
    right: str
    state: str


@dataclass(frozen=True)
class Source:
    """Where a record was delivered: its feed, landed file and line."""

    feed: str
    file: str
    row: int | None

    @property
    def place(self) -> str:
        """`rated_usage/2026-07/rated_20260715.csv, line 13`."""
        if not self.file:
            return "computed from several delivered rows"
        return self.file if self.row is None else f"{self.file}, line {self.row}"


def parse(text: str | None) -> dict[str, Any]:
    """A record kept as JSON; text that is none is shown as it is."""
    if not text:
        return {}
    try:
        record = json.loads(text)
    except ValueError:
        return {"text": text}
    return record if isinstance(record, dict) else {"text": text}


def compare(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Field]:
    """Both records side by side, in the order of the left; differing fields are marked.

    Personal data is compared first and masked then.
    """
    sides = [{_SIDE_ENDING.sub("", name): value for name, value in one.items()}
             for one in (left, right)]  # fmt: skip
    fields = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        values = [side.get(name) for side in sides]
        one, other = (_text(masking.mask_record({name: value})[name]) for value in values)
        fields.append(Field(name, one, other, _state(*values, has_both=bool(left and right))))
    return fields


def source(detail: Mapping[str, Any], side: str) -> Source | None:
    """Where the record of a side was delivered; None when the side has none."""
    if not detail.get(f"{side}_feed"):
        return None
    return Source(
        detail[f"{side}_feed"], detail[f"{side}_source_file"] or "", detail[f"{side}_source_row"]
    )


def steps(arithmetic: str | None) -> list[str]:
    """The arithmetic of a finding, one step a line."""
    found = []
    for part in re.split(r"; | -> ", masking.mask_numbers(arithmetic)):
        pieces = _COMMA.split(part)
        has_figures = all(re.search(r"\d", piece) for piece in pieces)
        found += pieces if has_figures else [part]
    return [piece.strip() for piece in found if piece.strip()]


def _state(left: Any, right: Any, *, has_both: bool) -> str:
    if not has_both:
        return ONLY_LEFT if left is not None else ONLY_RIGHT
    if left is None or right is None:
        return ONLY_RIGHT if left is None else ONLY_LEFT
    return SAME if _plain(left) == _plain(right) else DIFFERS


def _plain(value: Any) -> Any:
    """`1.000` and `1` are the same figure."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return str(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
