"""Every reading command over the demo, and every exit code."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.lib.store import writer_lock

from .conftest import MONTHS, Demo, Tieout


def test_findings_are_filtered_and_the_greatest_come_first(demo: Demo, tieout: Tieout) -> None:
    everything = tieout("findings", "--limit", 0, "--json", home=demo.home).document
    assert everything["count"] == len(everything["findings"]) > 10
    kinds = ("under_amount", "over_amount", "cost_amount")
    amounts = [sum(Decimal(one[kind]) for kind in kinds) for one in everything["findings"]]
    assert amounts == sorted(amounts, reverse=True)
    some = tieout(
        "findings", "--control", "RAT-*", "--period", "2026-05", "--json", home=demo.home
    ).document
    assert {one["control_id"][:4] for one in some["findings"]} == {"RAT-"}
    assert {one["period"] for one in some["findings"]} == {"2026-05-01"}
    none = tieout("findings", "--at-least", "1000000", "--json", home=demo.home)
    assert none.document["findings"] == []
    assert "RAT-" in tieout("findings", "--control", "rat-*", home=demo.home).out


def test_a_finding_of_every_control_is_done_over_again(demo: Demo, tieout: Tieout) -> None:
    found = tieout("findings", "--limit", 0, "--json", home=demo.home).document["findings"]
    by_control = {one["control_id"]: one["finding_id"] for one in found}
    assert len(by_control) > 10
    for control_id, finding_id in by_control.items():
        done = tieout("explain", finding_id, "--reperform", "--json", home=demo.home)
        assert done.document["reperformed"]["is_equal"], (control_id, done.document["reperformed"])
        assert done.code == 0


def test_an_explanation_goes_down_to_the_source_line(demo: Demo, tieout: Tieout) -> None:
    listed = tieout("findings", "--control", "RAT-01", "--json", home=demo.home).document
    finding_id = listed["findings"][0]["finding_id"]
    document = tieout("explain", finding_id[:14], "--json", home=demo.home).document
    assert document["finding"]["finding_id"] == finding_id
    assert document["rule"]
    assert document["arithmetic"]
    assert document["price_record"]
    side = document["right"]
    lines = _landed_lines(demo.project / "landing" / side["source_file"])
    assert side["record"]["rated_usage_id"] in lines[side["source_row"] - 1]
    page = tieout("explain", finding_id, home=demo.home).out
    assert f"{side['source_file']}:{side['source_row']}" in page
    sql = tieout("explain", finding_id, "--sql", home=demo.home).out
    assert sql.startswith("with")
    assert finding_id in sql


def _landed_lines(path: Path) -> list[str]:
    import gzip

    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def test_snapshots_are_listed_verified_and_compared(demo: Demo, tieout: Tieout) -> None:
    listed = tieout("snapshot", "list", "--json", home=demo.home).document["snapshots"]
    assert [one["snapshot_id"] for one in listed if one["is_current"]] == [
        demo.document["snapshot_id"]
    ]
    verified = tieout("snapshot", "verify", "--json", home=demo.home)
    assert (verified.code, verified.document["is_intact"]) == (0, True)
    same = tieout("snapshot", "diff", "--json", home=demo.home).document
    assert same["findings"] == []
    for command in ("list", "verify", "diff"):
        assert tieout("snapshot", command, home=demo.home).out


def test_going_back_without_an_older_snapshot_is_exit_2(demo: Demo, tieout: Tieout) -> None:
    assert tieout("snapshot", "rollback", home=demo.home).code == 2
    assert tieout("snapshot", "rollback", "nothing", home=demo.home).code == 3
    pruned = tieout("snapshot", "prune", "--keep", 1, "--json", home=demo.home)
    assert pruned.document["removed"] == []


def test_the_doctor_finds_the_demo_well(demo: Demo, tieout: Tieout) -> None:
    done = tieout("doctor", "--json", home=demo.home)
    broken = [one for one in done.document["checks"] if not one["is_ok"]]
    assert (done.code, broken) == (0, [])
    assert "ok    writer lock: free" in tieout("doctor", home=demo.home).out


def test_the_doctor_has_a_fix_for_all_that_fails(tmp_path: Path, tieout: Tieout) -> None:
    done = tieout("doctor", "--json")
    broken = [one for one in done.document["checks"] if not one["is_ok"]]
    assert done.code == 1
    assert broken
    assert all(one["fix"] for one in broken)


def test_controls_say_how_they_went(demo: Demo, tieout: Tieout) -> None:
    controls = tieout("controls", "list", "--json", home=demo.home).document["controls"]
    assert all(one["last_status"] and one["owner"] and one["question"] for one in controls)
    feeds = tieout("controls", "--feeds", "--json", home=demo.home).document["feeds"]
    assert len(feeds) == 58
    assert tieout("controls", home=demo.home).out.startswith("control_id")


def test_quarantined_lines_are_shown_as_delivered(demo: Demo, tieout: Tieout) -> None:
    masked = tieout("quarantine", "list", "--json", home=demo.home).document
    assert masked["rows"]
    assert not any("line" in row for row in masked["rows"])
    document = tieout("quarantine", "list", "--raw", "--json", home=demo.home).document
    assert document["count"] == len(document["rows"]) > 0
    first = document["rows"][0]
    lines = _landed_lines(demo.project / "landing" / first["source_file"])
    assert first["line"] == lines[first["source_row"] - 1]
    assert first["reason_code"]


def test_the_doors_tell_what_they_saw(demo: Demo, tmp_path: Path, tieout: Tieout) -> None:
    document = tieout("quality", "--json", home=demo.home).document
    assert document["count"] > 100
    assert document["broken"] == []
    pages = tieout("quality", "--docs", tmp_path / "docs", home=demo.home)
    assert "0 not met" in pages.out
    assert (tmp_path / "docs" / "published.fct_findings.html").is_file()


def test_a_dry_run_changes_nothing(demo: Demo, tieout: Tieout) -> None:
    before = sorted(path for path in demo.home.rglob("*"))
    plan = tieout("run", *MONTHS, "--dry-run", "--json", home=demo.home).document
    assert plan["months"] == ["2026-05", "2026-06", "2026-07"]
    assert plan["not_run"] == {}
    assert sorted(path for path in demo.home.rglob("*")) == before


def test_a_new_project_says_what_to_do(tmp_path: Path, tieout: Tieout) -> None:
    done = tieout("init", tmp_path / "mine", "--json")
    assert Path(done.document["file"]).is_file()
    assert tieout("init", tmp_path / "mine").code == 2
    assert tieout("init", tmp_path / "mine", "--force").code == 0
    plan = tieout("--project", tmp_path / "mine", "run", "--period", "2026-07", "--dry-run")
    assert "NOT RUN" in plan.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run",), 2),
        (("bogus",), 2),
        (("run", "--period", "July"), 2),
        (("run", "--period", "2026-07", "--from", "2026-08"), 2),
        (("run", "--period", "2026-07", "--fail-on", "x"), 2),
        (("run", "--period", "2026-07"), 2),
        (("findings", "--at-least", "much"), 2),
        (("findings",), 3),
        (("explain", "abc"), 3),
        (("snapshot", "verify"), 3),
    ],
)
def test_wrong_use_and_missing_data_have_their_codes(
    arguments: tuple[str, ...], code: int, tieout: Tieout
) -> None:
    done = tieout(*arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err


def test_a_locked_home_is_exit_4_and_names_the_writer(demo: Demo, tieout: Tieout) -> None:
    with writer_lock(demo.home, "the test"):
        done = tieout("run", *MONTHS, home=demo.home)
    assert done.code == 4
    assert "the test (process " in done.err


def test_a_store_out_of_reach_is_exit_5(
    demo: Demo, tieout: Tieout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_STORE_URL", f"sqlite:///{demo.home}/demo")
    assert tieout("ingest", home=demo.home).code == 5


def test_a_refused_file_is_named_and_nothing_is_published(tmp_path: Path, tieout: Tieout) -> None:
    tieout("init", tmp_path / "mine")
    toml = tmp_path / "mine" / "tieout.toml"
    toml.write_text(toml.read_text() + '\n[feeds.accounts]\npath = "accounts*.csv.gz"\n')
    (tmp_path / "mine" / "landing" / "accounts_07.csv.gz").write_bytes(b"\x1f\x8b\x08cut off")
    for command, goes_on in (("ingest", "run"), ("run", "run"), ("bill", "bill")):
        month = () if command == "ingest" else ("--period", "2026-07")
        done = tieout("--project", tmp_path / "mine", command, *month, home=tmp_path / "home")
        assert done.code == 3
        assert "accounts_07.csv.gz" in done.err
        assert f"`tieout {goes_on} --accept-refused`" in done.err
    assert not (tmp_path / "home" / "published").exists()
    told = tieout("--project", tmp_path / "mine", "ingest", "--json", home=tmp_path / "home")
    assert json.loads(told.out)["refused"] == ["accounts_07.csv.gz"]
