from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from dashboards.parts import evidence, masking
from dashboards.parts.evidence import DIFFERS, ONLY_LEFT, ONLY_RIGHT, SAME
from tests.unit.dashboards.sample import MODELS, NUMBER

CONTRACTS = MODELS.parents[1] / "ingestion" / "contracts"


def test_fields_are_compared_as_figures_and_masked_after() -> None:
    left = {"service_id": NUMBER, "quantity": "1.000", "days_due": "31", "ne_id": "BER1"}
    right = {"service_id": f"9{NUMBER[1:]}", "quantity": "1", "days_billed": "20", "rated": "R1"}
    fields = {field.name: field for field in evidence.compare(left, right)}
    names = ("service_id", "quantity", "days", "ne_id", "rated")
    assert [fields[name].state for name in names] == [
        DIFFERS, SAME, DIFFERS, ONLY_LEFT, ONLY_RIGHT,
    ]  # fmt: skip
    assert fields["service_id"].left == fields["service_id"].right == "•••848"


def test_one_record_alone_has_nothing_that_differs() -> None:
    assert {field.state for field in evidence.compare({"a": "1", "b": "2"}, {})} == {ONLY_LEFT}
    assert evidence.compare({}, {}) == []


def test_arithmetic_is_parted_where_figures_are() -> None:
    text = "quantity 61 -> 120 charged, 2 x 0.14 = 0.28; billing says 0.10 (zone A, plan B)"
    assert evidence.steps(text) == [
        "quantity 61", "120 charged", "2 x 0.14 = 0.28", "billing says 0.10 (zone A, plan B)",
    ]  # fmt: skip
    assert evidence.steps("the same service, number and day") == [
        "the same service, number and day"
    ]
    assert evidence.steps(None) == []


def test_the_place_of_a_record() -> None:
    detail = {"left_feed": "f", "left_source_file": "a.csv", "left_source_row": 12}
    found = evidence.source(detail, "left")
    assert found and found.place == "a.csv, line 12"
    assert evidence.source(detail, "right") is None
    computed = {"left_feed": "f", "left_source_file": None, "left_source_row": None}
    place = evidence.source(computed, "left")
    assert place and place.place.startswith("computed")


@pytest.mark.parametrize(("text", "record"), [
    (None, {}), ("", {}), ("[1]", {"text": "[1]"}), ("no json", {"text": "no json"}),
    (json.dumps({"a": 1}), {"a": 1}),
])  # fmt: skip
def test_a_record_is_read_whatever_it_is(text: str | None, record: dict[str, object]) -> None:
    assert evidence.parse(text) == record


@pytest.mark.parametrize("path", sorted(CONTRACTS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_personal_column_of_the_contracts_is_masked(path: Path) -> None:
    columns = yaml.safe_load(path.read_text(encoding="utf-8"))["columns"]
    personal = [column["name"] for column in columns if column.get("personal")]
    assert [name for name in personal if not masking.is_personal(name)] == []


def test_numbers_in_texts_are_masked_and_keys_are_not() -> None:
    text = f"{NUMBER}|PLAN_S, +{NUMBER}, R1030080000160, HAM1-1030080000160, 76814514.000"
    masked = "•••848|PLAN_S, •••848, R1030080000160, HAM1-1030080000160, 76814514.000"
    assert masking.mask_numbers(text) == masked
    assert masking.mask_record({"imsi": "26201", "n": None, "x": 3}) == {
        "imsi": "•••201", "n": None, "x": 3,
    }  # fmt: skip
    assert masking.mask("12") == "•••"
