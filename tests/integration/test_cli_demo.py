"""The demo: what it finds, what it says, and that it says the same twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq

from dagster_project.lib.controls.catalogue import load_catalogue

from .conftest import DEMO, MONTHS, ROOT, Demo, Tieout, published_bytes, run_tieout

CONTROLS = {
    "DQ-01", "DQ-02", "DQ-03", "DQ-05", "USG-01", "USG-02", "USG-05", "USG-06",
    "RAT-01", "RAT-03", "ORD-02", "ORD-03", "BIL-01", "BIL-02", "BIL-03", "BIL-04",
    "BIL-05", "BIL-07", "BIL-08", "BIL-11", "ORD-08", "RAT-10", "POM-03",
    "RAT-02", "RAT-04", "RAT-05", "RAT-06", "POM-01", "POM-07",
    "RAT-07", "PAR-02", "PAR-05",
}  # fmt: skip


def test_every_control_is_scored(demo: Demo) -> None:
    controls = {one["control_id"]: one for one in demo.document["controls"]}
    assert set(controls) == CONTROLS
    keys = {
        "planted", "found", "missed", "false", "recall", "precision", "planted_amount",
        "found_amount",
    }  # fmt: skip
    assert all(keys <= set(one) for one in (*controls.values(), demo.document["totals"]))
    total = demo.document["totals"]
    assert total["planted"] == sum(one["planted"] for one in controls.values())
    planted = sum(Decimal(one["planted_amount"]) for one in controls.values())
    # each is rounded by itself
    assert abs(planted - Decimal(total["planted_amount"])) <= Decimal("0.07")


def test_planted_leaks_are_found(demo: Demo) -> None:
    astray = {
        one["control_id"]: one
        for one in demo.document["controls"]
        if one["missed"] or one["false"] or Decimal(one["amount_error"])
    }
    assert not astray
    assert demo.document["totals"]["planted"] > 0
    assert demo.document["unexplained_amount"] == "0.00"


def test_findings_are_of_categories_that_the_catalogue_names(demo: Demo) -> None:
    named = {
        (control["control_id"], category)
        for control in load_catalogue(ROOT / "dbt" / "models" / "controls")
        for category in control["categories"]
    }
    findings = demo.home / "published" / demo.document["snapshot_id"] / "fct_findings.parquet"
    found = {
        (one["control_id"], one["category"])
        for one in pq.read_table(findings, columns=["control_id", "category"]).to_pylist()
    }
    assert found <= named
    assert len(found) > 60


def test_the_seconds_of_every_stage_are_told(demo: Demo) -> None:
    seconds = demo.document["seconds"]
    assert {"simulate", "ingest", "check", "reconcile", "publish", "total"} <= set(seconds)


def test_the_same_demo_again_changes_no_byte(demo: Demo) -> None:
    before = published_bytes(demo.home)
    again = run_tieout("--home", demo.home, *DEMO, "--json", cwd=demo.home.parent)
    assert again.document["snapshot_id"] == demo.document["snapshot_id"]
    assert published_bytes(demo.home) == before


def test_rebuilding_everything_elsewhere_gives_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    home = tmp_path / "other-home"
    done = run_tieout(
        "--home", home, "--project", demo.project, "run", *MONTHS, "--full", "--json", cwd=tmp_path
    )
    assert done.code == 0, done.err
    assert done.document["snapshot_id"] == demo.document["snapshot_id"]
    assert published_bytes(home) == published_bytes(demo.home)


def test_a_run_with_nothing_to_do_says_so(demo: Demo, tieout: Tieout) -> None:
    done = tieout("--project", demo.project, "run", *MONTHS, "--json", home=demo.home)
    assert done.code == 0, done.err
    assert (done.document["status"], done.document["snapshot_id"]) == (
        "unchanged",
        demo.document["snapshot_id"],
    )


def test_more_leakage_than_allowed_is_exit_1(demo: Demo, tieout: Tieout) -> None:
    over = tieout("run", *MONTHS, "--fail-on", "leakage>0.01", home=demo.home)
    assert over.code == 1
    assert "under-billed" in over.out
    assert tieout("run", *MONTHS, "--fail-on", "leakage>1000000", home=demo.home).code == 0


def test_without_json_the_demo_ends_with_what_to_do_next(demo: Demo) -> None:
    done = run_tieout("--home", demo.home, *DEMO, cwd=demo.home.parent)
    for text in ("planted", "recall", "precision", "false positives", "unexplained", "tieout ui"):
        assert text in done.out


def test_the_demo_does_not_mix_with_a_project(tmp_path: Path, tieout: Tieout) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tieout.toml").touch()
    refused = run_tieout(*DEMO, cwd=tmp_path / "mine")
    assert (refused.code, (tmp_path / "mine" / ".tieout").exists()) == (2, False)
    (tmp_path / "home" / "raw").mkdir(parents=True)
    assert tieout(*DEMO, home=tmp_path / "home").code == 2


def test_a_project_does_not_mix_with_the_demo(demo: Demo, tmp_path: Path, tieout: Tieout) -> None:
    assert tieout("init", tmp_path / "mine").code == 0
    refused = tieout("--project", tmp_path / "mine", "ingest", home=demo.home)
    assert refused.code == 2
    assert "holds the demo" in refused.err
