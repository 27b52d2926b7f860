"""Invoices, credit notes, discounts and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .family import Family, Figures
from .feeds import Case, Feeds


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    return {}


FAMILY = Family({}, _answer)
