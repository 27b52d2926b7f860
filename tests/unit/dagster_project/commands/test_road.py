from __future__ import annotations

from decimal import Decimal

import pytest

from dagster_project.commands.road import is_over, parse_fail_on
from dagster_project.commands.summary import like_pattern
from dagster_project.lib.errors import UsageError

SUMMARY = {"gates": ["USG-05"], "totals": [{"under_amount": Decimal("100.00")}]}


@pytest.mark.parametrize(
    ("limit", "over"),
    [("never", False), ("gate", True), ("leakage>99.99", True), ("leakage > 100", False)],
)
def test_the_limit_decides_the_exit_code(limit: str, over: bool) -> None:
    assert is_over(SUMMARY, parse_fail_on(limit)) is over


@pytest.mark.parametrize("limit", ["always", "leakage>much", "over>5", ""])
def test_a_limit_that_is_none_is_told(limit: str) -> None:
    with pytest.raises(UsageError, match="is no limit"):
        parse_fail_on(limit)


def test_a_pattern_of_controls() -> None:
    assert (like_pattern("usg-*"), like_pattern("")) == ("USG-%", "%")
