"""`ingest` and `run`: the whole road, through the same definitions that Dagster shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import now, open_workspace, refuse_foreign_demo
from dagster_project.commands.options import Options
from dagster_project.commands.summary import print_summary, summarise
from dagster_project.commands.talk import Talk, print_json
from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.periods import Months

if TYPE_CHECKING:
    from pathlib import Path

    from dagster import JobDefinition

    from dagster_project.lib.snapshot import Manifest
    from dagster_project.resources.workspace import Workspace
    from ingestion.ingest import IngestReport

STAGES = {
    "raw": "ingest",
    "landing_door": "check",
    "models": "reconcile",
    "published__tables": "publish",
    "published__tables_published_door": "publish",
    "published__snapshot": "publish",
}


# A wrong mapping can refuse every file; a person reads the first ones.
MOST_MESSAGES = 10


@dataclass(frozen=True)
class RunOptions:
    """How a run is to be done: `full` rebuilds all, `accept_refused` goes on without bad files."""

    full: bool = False
    accept_refused: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a run did: the snapshot it ended at, and whether there was anything to do."""

    manifest: Manifest
    had_work: bool


def run_road(workspace: Workspace, months: Months, talk: Talk, how: RunOptions) -> Outcome:
    """Land, load, check, reconcile and publish; nothing when nothing changed since.

    Raises: LockedError when somebody else is writing; DataError when files were refused.
    """
    with workspace.writing("tieout run"):
        with talk.stage("ingest", "landing and loading", "landed and loaded"):
            report = workspace.ingest()
        tell_report(report, talk)
        workspace.accept_refused = how.accept_refused
        workspace.raise_refused(report)
        made_from = workspace.provenance(months)
        current = _current(workspace)
        if current and current.provenance == made_from and not how.full:
            talk.say(f"nothing changed since snapshot {current.snapshot_id}")
            return Outcome(current, had_work=False)
        workspace.full_refresh = how.full
        with _logged(workspace, made_from.run_id, months):
            execute(workspace, months, talk)
        published = _current(workspace)
        assert published is not None  # noqa: S101
        return Outcome(published, had_work=True)


def execute(workspace: Workspace, months: Months, talk: Talk) -> None:
    """Run the job of commands in this process, and take the seconds of each stage from it."""
    with talk.stage("start", "loading the definitions", "definitions loaded"):
        from dagster_project.definitions import build_definitions
        from dagster_project.defs.words import FIRST_KEY, LAST_KEY

        job = build_definitions(workspace).resolve_job_def("command_job")
    workspace.tell = talk.detail
    tags = {FIRST_KEY: months.first.isoformat(), LAST_KEY: months.last.isoformat()}
    doing = "checking, reconciling and publishing"
    with talk.stage("orchestrate", doing, "checked, reconciled and published"):
        result = _execute(workspace, job, tags)
    for event in result.all_events:
        if event.event_type_value == "STEP_SUCCESS":
            took = event.step_success_data.duration_ms / 1000
            talk.add(STAGES.get(event.step_key or "", "publish"), took)
            talk.add("orchestrate", -took)


def _execute(workspace: Workspace, job: JobDefinition, tags: dict[str, str]) -> Any:
    """Run a job quietly, with an instance that leaves nothing behind.

    Raises: what the step raised; DataError when a door was shut.
    """
    import dagster as dg

    silent = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    try:
        with dg.DagsterInstance.ephemeral() as instance:
            return job.execute_in_process(run_config=silent, instance=instance, tags=tags)
    except dg.DagsterError as error:
        # Dagster does not export the class of a shut door
        if type(error).__name__ == "DagsterAssetCheckFailedError":
            raise _shut_door(workspace.home) from error
        raise


def tell_report(report: IngestReport, talk: Talk) -> None:
    """Say what ingestion had to say: each refused file, and how many lines were set aside."""
    for message in report.messages[:MOST_MESSAGES]:
        talk.say(message.text())
    more = len(report.messages) - MOST_MESSAGES
    if more > 0:
        talk.say(f"... and {more} more like these: `tieout ingest --json` lists them all")
    if report.quarantined_count:
        talk.say(
            f"{report.quarantined_count} lines broke their contract and are in quarantine: "
            "`tieout quarantine list`"
        )


def ingest(options: Options, feeds: list[str], *, as_json: bool) -> int:
    """The command `tieout ingest`."""
    workspace, talk = open_workspace(options), Talk(quiet=options.quiet)
    refuse_foreign_demo(workspace)
    with (
        workspace.writing("tieout ingest"),
        talk.stage("ingest", "landing and loading", "landed and loaded"),
    ):
        report = workspace.ingest(feeds or None)
    if as_json:
        print_json({**report_document(report), "seconds": talk.seconds})
    else:
        tell_report(report, talk)
    workspace.raise_refused(report)
    return 0


def report_document(report: IngestReport) -> dict[str, Any]:
    """The report of an ingestion, for JSON."""
    return {
        "feeds": list(report.feeds),
        "refused": [file.source_file for file in report.refused],
        "quarantined_count": report.quarantined_count,
        "messages": list(report.messages),
    }


def run(
    options: Options, months: Months, how: RunOptions, *, fail_on: str, control: str, as_json: bool
) -> int:
    """The command `tieout run`; 1 when more was found than `--fail-on` allows."""
    limit = parse_fail_on(fail_on)
    workspace, talk = open_workspace(options), Talk(quiet=options.quiet)
    refuse_foreign_demo(workspace)
    outcome = run_road(workspace, months, talk, how)
    summary = summarise(workspace.home, outcome.manifest.snapshot_id, control)
    summary["status"] = "published" if outcome.had_work else "unchanged"
    if as_json:
        print_json({**summary, "seconds": {**talk.seconds, "total": talk.total_seconds}})
    else:
        print_summary(summary)
    return 1 if is_over(summary, limit) else 0


def parse_fail_on(text: str) -> Decimal | str:
    """`never`, `gate`, or the amount behind `leakage>`.

    Raises: UsageError.
    """
    if text in ("never", "gate"):
        return text
    try:
        name, amount = text.replace(" ", "").split(">", 1)
        if name == "leakage":
            return Decimal(amount)
    except (ValueError, InvalidOperation):
        pass
    raise UsageError(
        "TIE-2027",
        f"'{text}' is no limit",
        where="--fail-on",
        effect="nothing was run",
        fix="write never, gate, or an amount: --fail-on 'leakage>1000'",
    )


def is_over(summary: dict[str, Any], limit: Decimal | str) -> bool:
    """Whether what was found is over the limit: leakage per currency, or a control without data."""
    if isinstance(limit, str):
        return limit == "gate" and bool(summary["gates"])
    return any(Decimal(total["under_amount"]) > limit for total in summary["totals"])


@contextmanager
def _logged(workspace: Workspace, run_id: str, months: Months) -> Iterator[None]:
    """Keep the run log of the control store."""
    from dagster_project.lib.store import RunLog, SnapshotLog

    log = RunLog(workspace.store)
    before = _current(workspace)
    run_no = log.start(run_id, "run", (months.first, months.last), now())
    try:
        yield
    except BaseException as error:
        log.finish(run_no, "failed", now(), None, str(error)[:1000])
        raise
    after = _current(workspace)
    snapshot_id = after.snapshot_id if after else None
    log.finish(run_no, "done", now(), snapshot_id)
    if snapshot_id and (before is None or before.snapshot_id != snapshot_id):
        SnapshotLog(workspace.store).add(snapshot_id, "published", now(), run_id)


def _current(workspace: Workspace) -> Manifest | None:
    from dagster_project.lib.snapshot import current_id, open_snapshot

    if current_id(workspace.home) is None:
        return None
    return open_snapshot(workspace.home).manifest


def _shut_door(home: Path) -> DataError:
    """What the doors found; Dagster itself only says that a check failed."""
    from dagster_project.defs.doors import read_broken

    broken = read_broken(home)
    return DataError(
        "TIE-3051",
        f"{len(broken)} expectations at the doors are not met",
        where="\n".join(broken[:10]),
        effect="nothing was published; the snapshot before stays",
        fix="mend the delivery or its mapping in tieout.toml, then run again",
    )
