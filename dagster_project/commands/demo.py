"""`tieout demo`: a simulated operator, the whole road, found against planted."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.road import RunOptions, run_road
from dagster_project.commands.summary import unexplained
from dagster_project.commands.talk import Talk, print_json, print_lines, print_table
from dagster_project.lib.errors import UsageError
from dagster_project.lib.money import show
from dagster_project.resources.code import simulator_revision
from dagster_project.resources.settings import DEMO_MARKER, Settings, is_watched, nearest_project

if TYPE_CHECKING:
    from dagster_project.lib.controls.scoring import Score
    from dagster_project.lib.periods import Months
    from dagster_project.lib.snapshot import Snapshot

# A demo is made anew in these; locks and the control store stay.
_REBUILT = ("demo", "raw", "quarantine", "landing_extracts", "warehouse", "published", "frozen",
            "checks", "store")  # fmt: skip
# Fixed: the same seed is the same operator, whenever it is simulated.
FIRST_MONTH = date(2026, 5, 1)
_ANSWER_KEY = Path("answer_key") / "answer_key.parquet"


def demo(
    options: Options, *, size: str, seed: int, months: int, with_ui: bool, as_json: bool, port: int
) -> int:
    """The command `tieout demo`."""
    talk = Talk(quiet=options.quiet)
    home = _home(options)
    workspace = open_workspace(Options(home, home / "demo"))
    with workspace.writing("tieout demo"):
        about = {"size": size, "seed": seed, "months": months}
        _prepare(home, {**about, "simulator": simulator_revision()})
        whom = f"an operator of size {size}, seed {seed}"
        with talk.stage("simulate", f"simulating {whom}", f"simulated {whom}"):
            period = _simulate(home / "demo", size, seed, months)
        outcome = run_road(workspace, period, talk, RunOptions())
    from dagster_project.lib.snapshot import open_snapshot

    snapshot = open_snapshot(home, outcome.manifest.snapshot_id)
    doing = "holding findings against the answer key"
    with talk.stage("score", doing, "held against the answer key"):
        score = _score(snapshot, home / "demo" / _ANSWER_KEY)
    document = {**about, "period": str(period), **_document(snapshot, score, talk)}
    if as_json:
        print_json(document)
    else:
        _print(document)
    if not with_ui or as_json or not is_watched(sys.stdout):
        return 0
    from dagster_project.commands.ui import serve

    return serve(home, port=port)


def _home(options: Options) -> Path:
    """Where the demo goes.

    Raises: UsageError when that is the home of a real project.
    """
    settings = Settings(home=options.home) if options.home else Settings()
    home = settings.find_home(Path.cwd())
    is_ours = (home / DEMO_MARKER).is_file()
    project = None if settings.home else nearest_project(Path.cwd())
    is_used = any((home / name).exists() for name in _REBUILT)
    if is_ours or not (is_used or project):
        return home
    raise UsageError(
        "TIE-2028",
        "the demo would mix with a project of yours",
        where=str(project or home),
        effect="nothing was changed",
        fix="run it in an empty folder, or set TIEOUT_HOME to a new one",
    )


def _prepare(home: Path, about: dict[str, Any]) -> None:
    """Make room: another demo's files go, the same demo's stay and are not loaded twice."""
    marker = home / DEMO_MARKER
    text = json.dumps(about, sort_keys=True)
    if not marker.is_file() or marker.read_text(encoding="utf-8") != text:
        home.mkdir(parents=True, exist_ok=True)
        marker.write_text("{}", encoding="utf-8")
        for name in _REBUILT:
            shutil.rmtree(home / name, ignore_errors=True)
        marker.write_text(text, encoding="utf-8")


def _simulate(project_dir: Path, size: str, seed: int, months: int) -> Months:
    """Write the operator's files and say which months they are of."""
    from dagster_project.lib.periods import Months, next_month
    from ingestion.simulator import simulate

    last = FIRST_MONTH
    for _ in range(months - 1):
        last = next_month(last)
    simulate(project_dir, size=size, seed=seed, months=months, first_month=FIRST_MONTH)
    return Months(FIRST_MONTH, last)


def _score(snapshot: Snapshot, answer_key: Path) -> Score:
    from dagster_project.lib.controls.scoring import score

    known = snapshot.rows("select control_id from dim_controls order by 1")
    names = [row["control_id"] for row in known]
    return score(snapshot.table("fct_findings"), answer_key, names)


def _document(snapshot: Snapshot, score: Score, talk: Talk) -> dict[str, Any]:
    total = {**score.totals.to_dict(), "currency_code": score.currency_code}
    del total["control_id"]
    greatest = snapshot.rows(
        "select finding_id from fct_findings "
        "order by under_amount + over_amount desc, finding_id limit 1"
    )
    return {
        "snapshot_id": snapshot.snapshot_id,
        "controls": [one.to_dict() for one in score.controls],
        "totals": total,
        "unexplained_amount": unexplained(snapshot),
        "seconds": {**talk.seconds, "total": talk.total_seconds},
        "greatest_finding": greatest[0]["finding_id"] if greatest else "",
        "dashboard": "tieout ui",
    }


def _print(document: dict[str, Any]) -> None:
    """What was found against what was planted, and where to look next."""
    from decimal import Decimal

    headings = ("control", "planted", "found", "missed", "false", "recall", "precis.")
    names = ("control_id", "planted", "found", "missed", "false", "recall", "precision")
    amounts = ("planted_amount", "found_amount")
    rows = [
        [*(one[name] for name in names), *(show(Decimal(one[name])) for name in amounts)]
        for one in document["controls"]
    ]
    print_table((*headings, "worth", "found"), rows)
    total, currency = document["totals"], document["totals"]["currency_code"]
    planted, found = (show(Decimal(total[name]), currency) for name in amounts)
    print_lines(
        [
            f"planted {total['planted']} leaks worth {planted}",
            f"found   {total['found']} worth {found}: recall {total['recall']}, "
            f"precision {total['precision']}",
            f"false positives: {total['false']} ({total['decoys_reported']} of them decoys)",
            f"unexplained: {document['unexplained_amount']}",
            f"took {document['seconds']['total']:.1f} s; snapshot {document['snapshot_id']}",
            f"the greatest finding: tieout explain {document['greatest_finding'][:12]}",
            f"the dashboard: {document['dashboard']}",
        ]
    )
