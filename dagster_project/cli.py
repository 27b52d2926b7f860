"""The `tieout` command: names and options only; what a command does is loaded when it is called."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

import typer

from dagster_project.commands.bill_app import bill_app
from dagster_project.commands.feed_app import feed_app
from dagster_project.commands.interrupts import end_at_interrupt
from dagster_project.commands.options import Options
from dagster_project.commands.settle_app import settle_app

app = typer.Typer(
    name="tieout",
    help="Every cent between expected and billed, explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
snapshot_app = typer.Typer(help="List, verify, compare, roll back published snapshots.")
quarantine_app = typer.Typer(help="Lines that broke their contract.")
controls_app = typer.Typer(help="What is checked.", invoke_without_command=True)
app.add_typer(snapshot_app, name="snapshot", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine", no_args_is_help=True)
app.add_typer(controls_app, name="controls")
app.add_typer(feed_app, name="feed", no_args_is_help=True)
app.add_typer(bill_app, name="bill")
app.add_typer(settle_app, name="settle")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Period = Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="Last billing month.")]
Count = Annotated[int, typer.Option("--limit", min=0, help="How many rows; 0 is all.")]
SnapshotId = Annotated[str | None, typer.Argument(metavar="SNAPSHOT", show_default=False)]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"tieout {version('tieout')}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="All data (default: TIEOUT_HOME).")] = None,
    project: Annotated[Path | None, typer.Option(help="Folder of tieout.toml.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No talk on stderr.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_show_version)] = False,
) -> None:
    """Every cent between expected and billed, explained."""
    options: Options = context.obj
    options.home, options.project, options.quiet = home, project, quiet


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    force: Annotated[bool, typer.Option(help="Overwrite a tieout.toml.")] = False,
    as_json: AsJson = False,
) -> int:
    """Make a project folder with a commented tieout.toml."""
    from dagster_project.commands.init import init as make

    return make(folder, force=force, as_json=as_json)


@app.command()
def demo(
    context: typer.Context,
    size: Annotated[Literal["xs", "s", "m", "l"], typer.Option(help="How large.")] = "s",
    seed: Annotated[int, typer.Option(help="Another seed is another operator.")] = 1,
    months: Annotated[int, typer.Option(min=2, max=24)] = 3,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="End instead of serving.")] = False,
    port: Annotated[int, typer.Option(help="Of the dashboard.")] = 8501,
    as_json: AsJson = False,
) -> int:
    """Run a simulated operator and show what was found against what was planted."""
    from dagster_project.commands.demo import demo as run_demo

    return run_demo(
        context.obj,
        size=size,
        seed=seed,
        months=months,
        with_ui=not no_ui,
        as_json=as_json,
        port=port,
    )


@app.command()
def ingest(
    context: typer.Context,
    feeds: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...")] = None,
    as_json: AsJson = False,
) -> int:
    """Land and load what is new; quarantine what breaks its contract."""
    from dagster_project.commands.road import ingest as land

    return land(context.obj, feeds or [], as_json=as_json)


@app.command()
def run(
    context: typer.Context,
    period: Period,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM")] = None,
    control: Annotated[str, typer.Option(help="Show and count only these: USG-*.")] = "",
    fail_on: Annotated[str, typer.Option(help="never, gate, or 'leakage>1000': exit 1.")] = "never",
    full: Annotated[bool, typer.Option("--full", help="Rebuild everything.")] = False,
    accept_refused: Annotated[bool, typer.Option(help="Go on without refused files.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    as_json: AsJson = False,
) -> int:
    """Land, load, check, reconcile and publish one or more months."""
    from dagster_project.commands import road
    from dagster_project.lib.periods import Months

    months = Months.parse(period, first)
    how = road.RunOptions(full=full, accept_refused=accept_refused)
    if dry_run:
        from dagster_project.commands.plan import plan

        return plan(context.obj, months, as_json=as_json)
    return road.run(context.obj, months, how, fail_on=fail_on, control=control, as_json=as_json)


@app.command()
def findings(
    context: typer.Context,
    period: Annotated[str, typer.Option("--period", metavar="YYYY-MM")] = "",
    control: Annotated[str, typer.Option(help="An id or a pattern: USG-*.")] = "",
    category: Annotated[str, typer.Option()] = "",
    account: Annotated[str, typer.Option()] = "",
    severity: Annotated[str, typer.Option(help="S1 to S4.")] = "",
    at_least: Annotated[
        str, typer.Option(help="Smallest amount, under, over and cost together.")
    ] = "0",
    limit: Count = 50,
    as_json: AsJson = False,
) -> int:
    """List what was found, the greatest amounts first."""
    from dagster_project.commands import findings as listing

    try:
        least = Decimal(at_least)
    except InvalidOperation as error:
        raise typer.BadParameter(f"'{at_least}' is no amount", param_hint="--at-least") from error
    filters = listing.Filters(control, category, period, account, severity, least)
    return listing.findings(context.obj, filters, count=limit, as_json=as_json)


@app.command()
def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="FINDING_ID|LINE_KEY|NUMBER:LINE")],
    sql: Annotated[bool, typer.Option("--sql", help="The SQL that returns the row.")] = False,
    reperform: Annotated[bool, typer.Option("--reperform", help="Run it and compare.")] = False,
    as_json: AsJson = False,
) -> int:
    """Say why: of a finding, of an expected charge, or of a line of an issued invoice."""
    from dagster_project.commands import charges, findings

    if charges.is_charge(name):
        return charges.explain(context.obj, name, as_json=as_json)
    return findings.explain(context.obj, name, as_json=as_json, sql_only=sql, again=reperform)


@app.command()
def invoice(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    document_format: Annotated[
        str, typer.Option("--format", help="pdf, ubl or json; without it how it was reckoned.")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="File to write.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show an issued invoice or credit note, or write it as a document."""
    from dagster_project.commands.invoice import invoice as show

    return show(context.obj, number, document_format, out, as_json=as_json)


@app.command()
def ui(
    context: typer.Context,
    port: Annotated[int, typer.Option()] = 8501,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
) -> int:
    """Serve the dashboard of the published snapshot."""
    from dagster_project.commands.ui import ui as serve

    return serve(context.obj, port=port, host=host)


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option()] = 3000,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
) -> int:
    """Serve Dagster: the graph, the landing sensor, the daily and the month-end schedule."""
    from dagster_project.commands.serve import serve as serve_dagster

    return serve_dagster(context.obj, port=port, host=host)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> int:
    """Look whether everything is in order, and say the fix where it is not."""
    from dagster_project.commands.doctor import doctor as look

    return look(context.obj, as_json=as_json)


@app.command()
def quality(
    context: typer.Context,
    docs: Annotated[Path | None, typer.Option(help="Write Data Docs into this folder.")] = None,
    as_json: AsJson = False,
) -> int:
    """What the expectations at the two doors saw in the last run."""
    from dagster_project.commands.listings import quality as show

    return show(context.obj, docs, as_json=as_json)


@snapshot_app.command("list")
def snapshot_list(context: typer.Context, as_json: AsJson = False) -> int:
    """All snapshots, newest first."""
    from dagster_project.commands import snapshots

    return snapshots.list_all(context.obj, as_json=as_json)


@snapshot_app.command("verify")
def snapshot_verify(
    context: typer.Context, snapshot_id: SnapshotId = None, as_json: AsJson = False
) -> int:
    """Hash and count every table again."""
    from dagster_project.commands import snapshots

    return snapshots.verify(context.obj, snapshot_id, as_json=as_json)


@snapshot_app.command("diff")
def snapshot_diff(
    context: typer.Context,
    before: Annotated[str | None, typer.Argument(show_default=False)] = None,
    after: Annotated[str | None, typer.Argument(show_default=False)] = None,
    as_json: AsJson = False,
) -> int:
    """What changed, in rows and in findings; without ids since the snapshot before."""
    from dagster_project.commands import snapshots

    return snapshots.diff(context.obj, before, after, as_json=as_json)


@snapshot_app.command("rollback")
def snapshot_rollback(
    context: typer.Context, snapshot_id: SnapshotId = None, as_json: AsJson = False
) -> int:
    """Make readers get an older snapshot (default: the one before)."""
    from dagster_project.commands import snapshots

    return snapshots.rollback(context.obj, snapshot_id, as_json=as_json)


@snapshot_app.command("prune")
def snapshot_prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option(help="How many to keep; the current one always.")] = 10,
    as_json: AsJson = False,
) -> int:
    """Remove old snapshots."""
    from dagster_project.commands import snapshots

    return snapshots.prune(context.obj, keep, as_json=as_json)


@controls_app.callback()
def controls(
    context: typer.Context,
    feeds: Annotated[bool, typer.Option("--feeds", help="List the feeds instead.")] = False,
    as_json: AsJson = False,
) -> int:
    """List the controls, or the feeds that they need."""
    from dagster_project.commands import feeds as feed_listing
    from dagster_project.commands import listings

    if context.invoked_subcommand:
        return 0
    show = feed_listing.list_feeds if feeds else listings.controls
    return show(context.obj, as_json=as_json)


@controls_app.command("list")
def controls_list(context: typer.Context, as_json: AsJson = False) -> int:
    """Every control with its owner and the outcome of the last run."""
    from dagster_project.commands import listings

    return listings.controls(context.obj, as_json=as_json)


@quarantine_app.command("list")
def quarantine_list(
    context: typer.Context,
    feed: Annotated[str, typer.Option()] = "",
    limit: Count = 50,
    raw: Annotated[bool, typer.Option(help="Show the lines too, to those who may read them.")] = (
        False
    ),
    as_json: AsJson = False,
) -> int:
    """File, row and reason of each line that was set aside; personal values are masked."""
    from dagster_project.commands import listings

    return listings.quarantine(context.obj, feed, count=limit, is_raw=raw, as_json=as_json)


def main() -> None:
    """The entry of the program; every error becomes four parts and an exit code."""
    options = Options()
    end_at_interrupt()
    try:
        code = app(prog_name="tieout", standalone_mode=False, obj=options)
    except BrokenPipeError:
        code = 0
    except SystemExit:
        raise
    except BaseException as error:
        from dagster_project.commands.errors import report

        code = report(error, options)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
