"""Builds the one Definitions object; it opens no connection."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dagster_project.defs.billing import bill_draft, bill_draft_job
from dagster_project.defs.ingest import landing_door, raw_assets
from dagster_project.defs.jobs import (
    daily_reconciliation_job,
    daily_reconciliation_schedule,
    landing_sensor,
    month_end_close_job,
    month_end_close_schedule,
    select_for_command,
)
from dagster_project.defs.publish import build_publish_assets
from dagster_project.defs.transform import build_dbt_assets
from dagster_project.resources.settings import Settings
from dagster_project.resources.workspace import Workspace


def build_definitions(workspace: Workspace) -> dg.Definitions:
    """Everything that Dagster shows and runs, for one home and project."""
    models = build_dbt_assets(workspace)
    published, door = build_publish_assets(models)
    return dg.Definitions(
        assets=[raw_assets, models, *published, bill_draft],
        asset_checks=[landing_door, door],
        jobs=[
            daily_reconciliation_job,
            month_end_close_job,
            dg.define_asset_job("command_job", select_for_command(models)),
            bill_draft_job,
        ],
        schedules=[daily_reconciliation_schedule, month_end_close_schedule],
        sensors=[landing_sensor],
        resources={"workspace": workspace},
        # One process: every step would import everything again, and one alone may write.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev -m dagster_project.definitions` loads: home and project as found here."""
    return build_definitions(Workspace(Settings(), Path.cwd()))
