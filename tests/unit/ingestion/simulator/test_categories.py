"""Every category that a control can report is planted in the demo, or stands here with a reason."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dagster_project.lib.controls.catalogue import load_catalogue
from ingestion.simulator import simulate

CONTROLS = Path(__file__).parents[4] / "dbt" / "models" / "controls"
Categories = set[tuple[str, str]]

NOT_PLANTED = {
    ("RAT-01", "NO_RATE"): "the price book has a row for every zone, so each event finds one",
    ("USG-05", "AMOUNT_DIFF"): "every event of the operator names the line that bills it",
    (
        "DQ-02",
        "REJECT_RATE_HIGH",
    ): "a refused file would take other leaks with it",
    ("DQ-03", "KEY_UNRESOLVED"): "it takes the coverage of the month from USG-02 and USG-06",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Categories:
    folder = tmp_path_factory.mktemp("small")
    simulate(folder, "s")
    answers = pq.read_table(folder / "answer_key" / "answer_key.parquet").to_pylist()
    return {(one["control_id"], one["category"]) for one in answers if one["kind"] == "leak"}


def _reportable() -> Categories:
    return {
        (str(control["control_id"]), category)
        for control in load_catalogue(CONTROLS)
        for category in control["categories"]
    }


def test_every_category_is_planted_or_has_a_reason(planted: Categories) -> None:
    assert _reportable() - planted == set(NOT_PLANTED)


def test_nothing_is_planted_that_no_control_reports(planted: Categories) -> None:
    assert planted <= _reportable()
