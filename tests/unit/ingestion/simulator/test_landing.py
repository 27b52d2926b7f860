"""The delivered files as the loader sees them: everything loads but what was spoilt on purpose."""

from __future__ import annotations

import tomllib

from ingestion.mapping import load_project
from tests.unit.ingestion.simulator.conftest import Operator

DELIVERED = 36


def test_mapping_names_every_feed_that_is_delivered(operator: Operator) -> None:
    project = load_project(operator.folder)
    assert project.operator.time_zone == "Europe/Berlin"
    assert len(project.feeds) == DELIVERED
    for feed, mapping in project.feeds.items():
        found = [path for pattern in mapping.path for path in project.landing.glob(pattern)]
        assert found or mapping.format == "table", feed
    claimed = {
        path
        for mapping in project.feeds.values()
        for pattern in mapping.path
        for path in project.landing.glob(pattern)
    }
    assert claimed == {path for path in project.landing.rglob("*") if path.is_file()}


def test_schedule_says_what_is_off_and_what_is_waived(operator: Operator) -> None:
    text = (operator.folder / "tieout.toml").read_text()
    entries = tomllib.loads(text)["controls"]["schedule"]
    assert [(e["control_id"], e["state"], e["from_month"]) for e in entries] == [
        ("RAT-03", "disabled", "2026-05"),
        ("USG-06", "waived", "2026-05"),
    ]


def test_trailers_state_lines_and_quantity(operator: Operator) -> None:
    for path in sorted((operator.folder / "landing" / "network_usage").rglob("*.csv")):
        head, *rows, trailer = path.read_text().splitlines()
        assert head.startswith("network_record_id,")
        _, count, total = trailer.split(",")
        assert int(count) == len(rows)
        assert int(total) == sum(int(row.split(",")[9]) for row in rows)


def test_dropped_feed_is_logged_by_the_element_but_not_landed(operator: Operator) -> None:
    (missing,) = [r for r in operator.answers("DQ-01") if r["category"] == "FEED_MISSING"]
    _, element, on = missing["value_key"].split("|")
    name = f"{element}_*_{on.replace('-', '')}.csv"
    assert not list((operator.folder / "landing" / "network_usage" / element).glob(name))
    logs = (operator.folder / "landing" / "usage_files").glob("*.jsonl")
    told = [line for path in logs for line in path.read_text().splitlines()
            if element in line and on.replace("-", "") in line]  # fmt: skip
    assert len(told) == 2
