"""Public test vectors of billing systems, through our own catalogue tables and models.

TIEOUT_VECTORS names the folder of the files. All cases are rated in one build. A case that the
catalogue cannot express yet is an expected failure that says what is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.lib.warehouse.dbt_runner import DbtRunner, raise_first_failure
from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse
from dagster_project.resources.settings import Settings
from dagster_project.resources.workspace import Workspace

from .billing_vectors import MONTH, Feeds, UnsupportedError, add_case, read_cases
from .conftest import ROOT

PLACES = (ROOT / "tests" / "data" / "vectors", ROOT.parent / "shared" / "vectors")
FOLDER = Path(
    os.environ.get("TIEOUT_VECTORS") or next((p for p in PLACES if p.is_dir()), PLACES[0])
)
CASES = {case["id"]: case for case in read_cases(FOLDER)}
ONE_MONTH = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
EVERY_MONTH = {"period_from": "2010-01-01", "period_through": "2025-12-01"}
MICRO = Decimal("0.000001")
# what the models say of a case; other figures of a case are of its own system's making
KNOWN = {
    "amount", "total", "cost", "billed_quantity", "rated_usage", "packages",
    "amount_before_rounding", "unit_price_effective",
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not CASES, reason="no billing vectors: TIEOUT_VECTORS or tests/data/vectors"
)


@dataclass(frozen=True)
class Rated:
    """What the models make of a case."""

    charge: Decimal
    rated: Decimal
    chargeable: Decimal


def _why_not(case: dict[str, Any]) -> str:
    try:
        add_case(case, Feeds())
    except UnsupportedError as missing:
        return str(missing)
    return ""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Rated]]:
    """Every case that can be expressed, rated in one build."""
    home = tmp_path_factory.mktemp("vectors")
    feeds = Feeds()
    for case in CASES.values():
        if not _why_not(case):
            add_case(case, feeds)
    feeds.write(home / "project")
    settings = Settings.model_validate({"home": home, "project": home / "project"})
    report = Workspace(settings, home / "project").ingest()
    assert report is not None
    warehouse = DuckDBWarehouse(home, 2)
    runner = DbtRunner(ROOT / "dbt", home, warehouse, 2)
    found: dict[str, Rated] = {}
    for variables, model, query in QUERIES:
        results = runner.build(variables, select=[f"+{model}"], with_tests=False)
        raise_first_failure(results, runner.log_path)
        with warehouse.reading() as connection:
            for name, micros, rated, chargeable in connection.execute(query).fetchall():
                found[name] = Rated(
                    micros * MICRO, rated / Decimal(1000), chargeable / Decimal(1000)
                )
    yield found


QUERIES = (
    (
        ONE_MONTH,
        "int_usage__rerated",
        "select event_id, charge_micros, rated_milli, chargeable_milli "
        "from main.int_usage__rerated where is_difference and charge_micros is not null",
    ),
    (
        EVERY_MONTH,
        "int_billing__recurring_charges",
        "select subscription_id, sum(gross_micros)::bigint, 0, 0 "
        "from main.int_billing__recurring_charges where charge_set = 'entitled' group by 1",
    ),
)


@pytest.mark.parametrize("name", CASES)
def test_the_models_reach_the_figures_of_the_case(
    name: str, request: pytest.FixtureRequest
) -> None:
    case = CASES[name]
    if reason := _why_not(case):
        pytest.xfail(reason)
    answers: dict[str, Rated] = request.getfixturevalue("answers")
    expected = case["expected"]
    known = {key: value for key, value in expected.items() if key in KNOWN}
    assert known or {"spans"} >= set(expected), f"none of {sorted(expected)} is looked at"
    assert {key: _figure(key, case, answers[name]) for key in known} == {
        key: _decimal(value) for key, value in known.items()
    }


def _figure(key: str, case: dict[str, Any], rated: Rated) -> Decimal:
    inputs = case["inputs"]
    rounding = inputs.get("line_rounding") or inputs.get("rounding")
    if key in ("amount", "total") and rounding:
        return _decimal(
            rated.charge.quantize(Decimal(1).scaleb(-rounding["decimals"]), ROUND_HALF_UP)
        )
    if key == "billed_quantity":
        divisor = Decimal((inputs.get("unit_conversion") or {}).get("divide_by", 1))
        return _decimal(rated.chargeable / divisor)
    if key == "rated_usage":
        return _decimal(rated.rated)
    if key == "packages":
        return _decimal(rated.charge / Decimal(inputs["package_amount"]))
    if key == "unit_price_effective":
        quantity = _paid_quantity(inputs)
        effective = rated.charge / quantity if quantity else Decimal(0)
        decimals = (inputs.get("compare_decimals") or {}).get(key, 6)
        return _decimal(effective.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return _decimal(rated.charge)


def _paid_quantity(inputs: dict[str, Any]) -> Decimal:
    paid = Decimal(inputs["quantity"]) - Decimal(inputs.get("free_units", "0"))
    return Decimal(inputs.get("unit_amount_divisor", paid))


def _decimal(value: object) -> Decimal:
    return Decimal(str(value)).normalize() + 0
