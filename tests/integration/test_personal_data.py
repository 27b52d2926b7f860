"""Telephone numbers and IMSIs of subscribers show in no output, log or list, but to a role."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingestion.landing import HEADER, OPERATOR, usage_file, usage_line

from .conftest import ROOT, Done, environment, run_tieout
from .test_storage import without_privilege

NUMBERS = ["4915155500001", "4915155500002", "015155500003", "+4930555000044"]
IMSI = "262019876543210"
FEEDS = """
[feeds.network_usage]
path = "net/*.csv"
[feeds.tickets]
path = "tickets/*.csv"
[feeds.tickets.columns]
ticket_id = "CAST(ticket_id AS INTEGER)::VARCHAR"
[feeds.network_profiles]
path = "profiles/*.csv"
[feeds.orders]
path = "orders/*.csv"
columns = { order_id = "no_such_column" }
"""


def broken_files() -> dict[str, str]:
    good = {"service_id": NUMBERS[0], "other_party_number": NUMBERS[2]}
    bad = [
        usage_line(1, **good, quantity=IMSI + "x"),
        usage_line(2, **good, service_code=NUMBERS[1]),
        usage_line(3, service_id=f'"{NUMBERS[1]}'),
        usage_line(4, **good) + "," + IMSI,
        usage_line(5, service_id="", other_party_number=NUMBERS[3]),
        usage_line(6, **good, started_at=IMSI),
    ]
    profiles = "service_id,imsi,feature_code,status,valid_from_on,valid_to_on\n"
    return {
        "net/bad.csv": usage_file(0, usage_line(7, **good), *bad),
        "net/headless.csv": usage_line(8, **good).replace("60.5", NUMBERS[0]),
        "net/doubled.csv": ",".join([NUMBERS[0]] * 3) + "\n",
        "net/gz.csv": HEADER.replace("quantity", IMSI) + "\n" + usage_line(9, **good) + "\n",
        "tickets/a.csv": f"ticket_id,subject\n{NUMBERS[0]},call {NUMBERS[1]}\n",
        "profiles/a.csv": profiles + f"{NUMBERS[0]},{IMSI},voice,{NUMBERS[1]},never,{IMSI}\n",
        "orders/a.csv": f"order_id,phone\n1,{NUMBERS[0]}\n",
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personal") / "p"
    for name, text in broken_files().items():
        path = folder / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "tieout.toml").write_text(OPERATOR + FEEDS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ingested(project: Path) -> Done:
    return run_tieout("ingest", cwd=project)


def assert_nothing_shows(text: str, where: str) -> None:
    values = [*NUMBERS, IMSI, *(number[-9:] for number in NUMBERS)]
    shown = [value for value in values if value in text]
    assert not shown, f"{where} shows {shown}"


def test_no_output_shows_a_number(project: Path, ingested: Done) -> None:
    assert ingested.code == 3
    assert "lines broke their contract" in ingested.err
    commands: list[tuple[str, ...]] = [
        ("ingest", "--json"),
        ("quarantine", "list"),
        ("quarantine", "list", "--json"),
        ("doctor",),
        ("run", "--period", "2026-07"),
    ]
    for words in commands:
        done = run_tieout(*words, cwd=project)
        assert_nothing_shows(done.out + done.err, " ".join(words))
    assert_nothing_shows(ingested.out + ingested.err, "ingest")
    listed = run_tieout("quarantine", "list", "--json", cwd=project).document
    assert listed["count"] >= 7


def test_no_file_beside_the_data_shows_a_number(project: Path, ingested: Done) -> None:
    kept = {"raw", "quarantine", "frozen"}
    home = project / ".tieout"
    paths = [path for path in home.rglob("*") if path.is_file()]
    told = [path for path in paths if path.relative_to(home).parts[0] not in kept]
    assert any(path.name == "tieout.db" for path in told)
    for path in told:
        assert_nothing_shows(path.read_bytes().decode("latin-1"), path.name)


def test_raw_lines_are_for_those_who_may_read_them(project: Path, ingested: Done) -> None:
    words = [sys.executable, "-m", "dagster_project.cli", "quarantine", "list", "--raw", "--json"]
    lines = list((project / ".tieout" / "quarantine").rglob("*.jsonl"))
    assert lines
    assert {path.stat().st_mode & 0o777 for path in lines} == {0o600}
    mine = run_tieout("quarantine", "list", "--raw", "--json", cwd=project).document
    assert any(NUMBERS[0] in row["line"] for row in mine["rows"])
    for path in lines:
        if os.geteuid() == 0:
            shutil.chown(path, user=65534)
        else:
            path.chmod(0)
    done = subprocess.run(
        [*without_privilege(), *words],
        cwd=project, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    for path in lines:
        path.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(path, user=0)
    assert done.returncode == 2, done.stderr
    assert "you may not read the quarantined lines" in done.stderr
    assert_nothing_shows(done.stdout + done.stderr, "a refused --raw")


def test_a_group_may_be_let_in(project: Path, tmp_path: Path) -> None:
    import grp

    name = grp.getgrgid(os.getgroups()[-1] if os.getgroups() else os.getegid()).gr_name
    home = tmp_path / "home"
    done = _ingest_for(name, project, home)
    assert done.returncode == 3, done.stderr
    lines = list((home / "quarantine").rglob("*.jsonl"))
    assert {(path.stat().st_mode & 0o777, path.group()) for path in lines} == {(0o640, name)}
    refused = _ingest_for("no-such-group", project, home)
    assert refused.returncode == 2
    assert "group 'no-such-group' cannot be given the quarantined lines" in refused.stderr


def _ingest_for(group: str, project: Path, home: Path) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "dagster_project.cli", "--home", str(home), "ingest"],
        cwd=project,
        env={**environment(), "TIEOUT_QUARANTINE_GROUP": group, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
