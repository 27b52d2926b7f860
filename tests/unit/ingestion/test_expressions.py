"""A bare name is the column itself; everything else is for the engine."""

from __future__ import annotations

import pytest

from ingestion.expressions import bare_name


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("a_number", "a_number"),
        (' "A Number" ', "a number"),
        ("'text'", None),
        ("a + b", None),
        ("NULL", None),
        ("current_" + "date", None),
        ("local" + "timestamp", None),
        ("local_time", "local_time"),
        ("current_balance", "current_balance"),
        ("session_id", "session_id"),
        ('"a" || "b"', None),
        ("f(a)", None),
        ("12", None),
    ],
)
def test_only_a_name_is_a_column(expression: str, name: str | None) -> None:
    assert bare_name(expression) == name
