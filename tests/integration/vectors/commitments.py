"""true_up: what is charged less than a commitment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from .family import Figures
from .feeds import Case, Feeds, Inputs

MODELS: list[str] = []
ADDERS: dict[str, Callable[[str, Inputs, Feeds], None]] = {}


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What commitments make of their accounts."""
    return {}


def figures(case: Case, owed: dict[str, Any]) -> Figures:
    """The figures of a case."""
    return {}
