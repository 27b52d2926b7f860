"""When things run: the daily and the month-end job, their schedules, and the landing sensor."""

import hashlib
from datetime import date, timedelta

import dagster as dg

from dagster_project.defs.words import BILL_DRAFT, MONTHS
from dagster_project.resources.workspace import Workspace

# Reconciling bills nobody: a draft is asked for by name.
_ROAD = dg.AssetSelection.all() - dg.AssetSelection.assets(BILL_DRAFT)

daily_reconciliation_job = dg.define_asset_job(
    "daily_reconciliation_job",
    selection=_ROAD,
    description="Everything, for the month that is running.",
)
month_end_close_job = dg.define_asset_job(
    "month_end_close_job",
    selection=_ROAD,
    description="Everything, for the month that has ended.",
)


def select_for_command(models: dg.AssetsDefinition) -> dg.AssetSelection:
    """What `tieout run` does: the same road, with the tests of models left to dbt.

    They run there and stop the run all the same. As checks of Dagster they are three events each,
    and of a command nobody could read them: its instance leaves nothing behind.
    """
    return _ROAD - dg.AssetSelection.checks(*models.check_keys)


@dg.schedule(job=daily_reconciliation_job, cron_schedule="0 5 * * *")
def daily_reconciliation_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every morning: what was landed by yesterday evening, for the month yesterday lay in."""
    yesterday = context.scheduled_execution_time.date() - timedelta(days=1)
    return dg.RunRequest(partition_key=f"{yesterday:%Y-%m}-01")


@dg.schedule(job=month_end_close_job, cron_schedule="0 6 2 * *")
def month_end_close_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On the second day of a month: the month before."""
    today = context.scheduled_execution_time.date()
    before = date(today.year, today.month, 1) - timedelta(days=1)
    return dg.RunRequest(partition_key=f"{before:%Y-%m}-01")


@dg.sensor(job=daily_reconciliation_job, minimum_interval_seconds=60)
def landing_sensor(
    context: dg.SensorEvaluationContext, workspace: dg.ResourceParam[Workspace]
) -> dg.SensorResult | dg.SkipReason:
    """Runs the current month when files were landed since the last look."""
    seen = _listing(workspace)
    if seen == context.cursor:
        return dg.SkipReason("no file was landed since the last look")
    month = MONTHS.get_last_partition_key()
    request = dg.RunRequest(run_key=seen, partition_key=month)
    return dg.SensorResult(run_requests=[request], cursor=seen)


def _listing(workspace: Workspace) -> str:
    """One hash over names, sizes and times in the landing folder; nothing is opened."""
    digest = hashlib.sha256()
    landing = workspace.project_dir / "landing"
    for path in sorted(path for path in landing.rglob("*") if path.is_file()):
        about = path.stat()
        digest.update(f"{path}|{about.st_size}|{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
