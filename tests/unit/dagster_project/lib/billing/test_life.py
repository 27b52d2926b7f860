"""Drafted, reviewed and issued by different people, in that order and no other."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dagster_project.lib.billing import life
from dagster_project.lib.billing.numbers import number_of, print_number
from dagster_project.lib.errors import DataError, UsageError


@dataclass
class Run:
    status: str
    bill_run_id: str = "2026-07-abc"
    drafted_by: str = "Ada"
    reviewed_by: str | None = None


@pytest.mark.parametrize("name", ["Ada", " ada "])
def test_who_drafted_neither_reviews_nor_accepts_nor_issues(name: str) -> None:
    for check, status in (
        (life.check_review, "draft"),
        (life.check_accept, "draft"),
        (life.check_issue, "reviewed"),
    ):
        check(Run(status), "Bob")
        with pytest.raises(UsageError, match="drafted this bill run and so is not the one who"):
            check(Run(status), name)


@pytest.mark.parametrize(
    ("check", "allowed"),
    [
        (lambda run: life.check_review(run, "Bob"), {"draft"}),
        (lambda run: life.check_accept(run, "Bob"), {"draft", "reviewed"}),
        (lambda run: life.check_issue(run, "Bob"), {"reviewed", "issuing"}),
        (life.check_cancel, {"draft", "reviewed"}),
    ],
)
def test_a_run_leaves_a_state_only_for_the_next(check: object, allowed: set[str]) -> None:
    assert callable(check)
    for status in ("draft", "reviewed", "issuing", "issued", "cancelled"):
        if status in allowed:
            check(Run(status))
            continue
        with pytest.raises(DataError, match=f"a bill run that is {status} cannot be"):
            check(Run(status))


def test_the_gate_opens_when_every_kind_is_accepted() -> None:
    points = {"outlier": 3, "zero": 1, "value": 0}
    with pytest.raises(DataError, match="has 4 open points") as raised:
        life.check_gate(Run("reviewed"), points, [])
    assert "outlier: 3 (the amount is unlike the account's own history)" in raised.value.where
    assert "tieout bill accept 2026-07-abc outlier zero --reason WHY" in raised.value.fix
    with pytest.raises(DataError, match="has 1 open points"):
        life.check_gate(Run("reviewed"), points, ["outlier"])
    life.check_gate(Run("reviewed"), points, ["outlier", "zero"])


def test_a_reason_and_a_known_kind_are_needed() -> None:
    with pytest.raises(UsageError, match="a reason is needed"):
        life.check_reason("  ")
    with pytest.raises(UsageError, match="no points of kind 'outliers'"):
        life.check_kinds(["zero", "outliers"])
    with pytest.raises(UsageError, match="there is no bill run 'x'"):
        life.require_run("x", None)


def test_numbers_are_printed_by_the_pattern_of_the_seller() -> None:
    assert print_number("{entity}-{year}-{number:06}", "NORTH", 2026, 7) == "NORTH-2026-000007"
    assert print_number("R{year}/{number}", "NORTH", 2026, 7) == "R2026/7"
    assert print_number("{entity}-{year}-{number:06}", "", 2026, 7) == "2026-000007"
    parties = {"seller": {"invoice_number_pattern": None}}
    invoice = {"legal_entity_code": "N", "parties": parties}
    assert number_of(invoice, 2026, 1) == "N-2026-000001"


@pytest.mark.parametrize("pattern", ["{entity}-{number}", "{year}", "{year}-{number}-{month}", "x"])
def test_a_pattern_that_cannot_tell_documents_apart_is_refused(pattern: str) -> None:
    with pytest.raises(DataError, match="is no pattern for invoice numbers"):
        print_number(pattern, "NORTH", 2026, 1)
