"""`tieout ingest` of a home with roaming files, and what the command line says of bad ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.simulator.roaming.events import FileHead
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.tap import tap_file
from tests.unit.ingestion.tap.roaming import HEAD, event, one_of_each

from .conftest import Tieout

PROJECT = """
[operator]
name = "Home"
time_zone = "Europe/Berlin"
currency_code = "EUR"
home_country_code = "49"
"""
for _feed in ("tap_files", "tap_records"):
    PROJECT += f'[feeds.{_feed}]\npreset = "{_feed}"\npath = "tap/*"\ntadig_codes = ["DEUAB"]\n'


def name_of(head: FileHead) -> str:
    return f"tap/{head.name}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tieout.toml").write_text(PROJECT)
    second = replace(HEAD, sequence_no=13)
    third = replace(HEAD, sequence_no=14)
    good, held = tap_file(HEAD, one_of_each()), [event(), event(duration_seconds=-7)]
    files = {
        name_of(HEAD): good,
        name_of(second): tap_file(second, held),
        name_of(third): tap_file(third, one_of_each()) + good,
        "tap/looks_like_tap": nrtrde_file(HEAD, [event()]),
    }
    for name, content in files.items():
        path = tmp_path / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_good_records_land_and_bad_ones_are_told(project: Path, tieout: Tieout) -> None:
    done = tieout("ingest", "--json")
    refused = {one["where"] for one in done.document["messages"] if one["code"] == "TIE-3020"}
    assert refused == {
        f"{feed}, tap/{name}"
        for feed in ("tap_files", "tap_records")
        for name in ("CDFRAF1DEUAB00014", "looks_like_tap")
    }
    told = " ".join(one["what"] for one in done.document["messages"])
    assert "two were put together" in told and "NRTRDE, not TAP" in told
    feeds = {one["feed"]: one for one in done.document["feeds"]}
    assert feeds["tap_records"]["total_rows"] == 10
    assert feeds["tap_files"]["total_rows"] == 2
    held = tieout("quarantine", "list", "--json")
    assert [
        (one["source_file"], one["source_row"], one["reason_code"]) for one in held.document["rows"]
    ] == [("tap/CDFRAF1DEUAB00013", 2, "negative")]


def test_preview_shows_the_values_of_events(project: Path, tieout: Tieout) -> None:
    done = tieout("feed", "preview", "tap_records", "--json", "--limit", "2")
    assert "CDFRAF1DEUAB00012-1" in done.out
