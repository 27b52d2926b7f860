from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.controls.scoring import Score, score
from dagster_project.lib.errors import DataError


def _write(folder: Path, name: str, sql: str) -> Path:
    path = folder / f"{name}.parquet"
    duckdb.execute(f"copy ({sql}) to '{path}' (format parquet)")
    return path


# A partner is paid too much for nothing but p1.
COST = "case value_key when 'p1' then 4.00 else 0 end::decimal(18, 6) as cost_amount"


def _answers(*rows: str) -> str:
    columns = "kind, control_id, category, period, value_key, under_amount, over_amount, currency"
    values = ", ".join(f"({row})" for row in rows)
    return f"select * replace (period::date as period), currency as currency_code, {COST} from (values {values}) t({columns})"  # noqa: E501, S608


def _score(folder: Path, answers: list[str], findings: list[str]) -> Score:
    values = ", ".join(f"({row})" for row in findings) or "(null, null, null, null, 0, 0)"
    found = (
        f"select * replace (period::date as period), {COST} from (values {values}) "  # noqa: S608
        "t(control_id, category, period, value_key, under_amount, over_amount) "
        "where control_id is not null"
    )
    return score(
        _write(folder, "fct_findings", found),
        _write(folder, "answer_key", _answers(*answers)),
        ["RAT-01", "USG-05", "USG-06"],
    )


LEAK = "'leak', 'USG-05', 'TWICE', '2026-07-01', 'r1', 1.50::decimal(18,6), 0, 'EUR'"
MISSED = "'leak', 'USG-05', 'TWICE', '2026-07-01', 'r2', 2.25::decimal(18,6), 0, 'EUR'"
DECOY = "'decoy', 'USG-05', 'TWICE', '2026-07-01', 'r3', 0::decimal(18,6), 0, 'EUR'"


def test_found_missed_and_false_are_told_apart(tmp_path: Path) -> None:
    found = [
        "'USG-05', 'TWICE', '2026-07-01', 'r1', 1.50::decimal(18,6), 0",
        "'USG-05', 'TWICE', '2026-06-01', 'r2', 2.25::decimal(18,6), 0",
        "'RAT-01', 'ROUNDING', '2026-07-01', 'x', 9::decimal(18,6), 0",
    ]
    result = _score(tmp_path, [LEAK, MISSED, DECOY], found)
    controls = {one.control_id: one.to_dict() for one in result.controls}
    assert controls["USG-05"] == {
        "control_id": "USG-05", "planted": 2, "found": 1, "missed": 1, "false": 1,
        "decoys_reported": 0, "recall": 0.5, "precision": 0.5, "planted_amount": "3.75",
        "found_amount": "1.50", "amount_error": "2.25",
    }  # fmt: skip
    assert (controls["RAT-01"]["false"], controls["RAT-01"]["precision"]) == (1, 0.0)
    assert (controls["USG-06"]["recall"], controls["USG-06"]["precision"]) == (1.0, 1.0)
    assert (result.totals.planted, result.totals.false, result.currency_code) == (2, 2, "EUR")


def test_what_a_partner_is_paid_too_much_counts(tmp_path: Path) -> None:
    leak = "'leak', 'USG-05', 'TWICE', '2026-07-01', 'p1', 1.50::decimal(18,6), 0, 'EUR'"
    found = ["'USG-05', 'TWICE', '2026-07-01', 'p1', 0::decimal(18,6), 1"]
    total = _score(tmp_path, [leak], found).totals
    assert (str(total.planted_amount), str(total.found_amount)) == ("5.500000", "5.000000")


def test_a_reported_decoy_is_false_and_counted(tmp_path: Path) -> None:
    result = _score(tmp_path, [LEAK, DECOY], ["'USG-05', 'TWICE', '2026-07-01', 'r3', 1, 0"])
    assert (result.totals.false, result.totals.decoys_reported) == (1, 1)


def test_a_leak_spread_over_accounts_is_one_leak(tmp_path: Path) -> None:
    result = _score(tmp_path, [LEAK, LEAK], ["'USG-05', 'TWICE', '2026-07-01', 'r1', 3, 0"])
    total = result.totals
    assert (total.planted, total.found, str(total.planted_amount)) == (1, 1, "3.000000")
    assert total.amount_error == 0


def test_two_findings_of_one_leak_are_one_too_many(tmp_path: Path) -> None:
    twice = [
        "'USG-05', 'TWICE', '2026-07-01', 'r1', 1, 0",
        "'USG-05', 'TWICE', '2026-07-01', 'r1', 0.5, 0",
    ]
    result = _score(tmp_path, [LEAK], twice)
    assert (result.totals.found, result.totals.false) == (1, 1)


def test_a_wrong_amount_shows_as_error_though_sums_agree(tmp_path: Path) -> None:
    found = [
        "'USG-05', 'TWICE', '2026-07-01', 'r1', 2.25, 0",
        "'USG-05', 'TWICE', '2026-07-01', 'r2', 1.50, 0",
    ]
    result = _score(tmp_path, [LEAK, MISSED], found)
    assert result.totals.planted_amount == result.totals.found_amount
    assert str(result.totals.amount_error) == "1.500000"


def test_another_category_than_planted_is_missed_and_false(tmp_path: Path) -> None:
    found = ["'USG-05', 'OTHER', '2026-07-01', 'r1', 1.50::decimal(18,6), 0"]
    total = _score(tmp_path, [LEAK], found).totals
    assert (total.found, total.missed, total.false, str(total.amount_error)) == (
        0,
        1,
        1,
        "1.500000",
    )


def test_two_currencies_are_not_added(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than one currency"):
        _score(tmp_path, [LEAK, MISSED.replace("EUR", "USD")], [])
