"""The graph that Dagster shows: every feed, every model, the doors, and what starts a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.definitions import build_definitions
from dagster_project.defs.jobs import (
    daily_reconciliation_schedule,
    landing_sensor,
    month_end_close_schedule,
)
from dagster_project.defs.words import BILL_DRAFT, SNAPSHOT, TABLES, raw_key
from dagster_project.resources.billing import BillingOffice
from dagster_project.resources.settings import Settings
from dagster_project.resources.workspace import Workspace
from ingestion.contracts import load_contracts

from .billing_operator import make_operator


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project in which nothing was ever run."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "tieout.toml").touch()
    (folder / "landing").mkdir()
    return Workspace(Settings(home=folder / "home", project=folder), folder)


@pytest.fixture(scope="module")
def definitions(workspace: Workspace) -> dg.Definitions:
    return build_definitions(workspace)


def test_the_graph_opens_nothing(definitions: dg.Definitions, workspace: Workspace) -> None:
    dg.Definitions.validate_loadable(definitions)
    assert not (workspace.home / "warehouse" / "tieout.duckdb").exists()
    assert not (workspace.home / "store").exists()


def test_every_feed_is_an_asset_of_its_source(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for contract in load_contracts().values():
        assert graph.get(raw_key(contract.table)).group_name == contract.source
    assert graph.get(raw_key("tieout__feeds")).group_name == "tieout"


def test_the_snapshot_stands_on_published_models_behind_a_door(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get(SNAPSHOT).parent_keys == {TABLES}
    names = {key.path[-1] for key in graph.get(TABLES).parent_keys}
    assert {"fct_findings", "fct_bridge", "dim_controls"} <= names
    assert dg.AssetCheckKey(TABLES, "published_door") in graph.asset_check_keys
    [control] = [key for key in graph.get_all_asset_keys() if "ctl_usg_05" in key.path[-1]]
    assert control.path[0] == "controls"
    assert graph.get(control).group_name == "usage"


def test_every_feed_has_a_landing_door_and_models_have_their_tests(
    definitions: dg.Definitions,
) -> None:
    checks = definitions.resolve_asset_graph().asset_check_keys
    doors = {key.asset_key for key in checks if key.name == "landing_door"}
    assert doors == {raw_key(contract.table) for contract in load_contracts().values()}
    assert any(key.asset_key.path[0] == "staging" for key in checks)


def test_a_command_goes_the_same_road_with_the_tests_of_models_left_to_dbt(
    definitions: dg.Definitions,
) -> None:
    daily, command = (
        definitions.resolve_job_def(name).asset_layer.asset_graph
        for name in ("daily_reconciliation_job", "command_job")
    )
    assert set(command.executable_asset_keys) == set(daily.executable_asset_keys)
    doors = {key for key in daily.asset_check_keys if key.name.endswith("_door")}
    assert len(doors) > 10
    assert command.asset_check_keys == doors
    assert len(daily.asset_check_keys - doors) > 100


def test_a_failed_test_of_a_model_stops_a_command(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster_project.commands.road import execute
    from dagster_project.commands.talk import Talk
    from dagster_project.defs import ingest
    from dagster_project.lib.errors import DataError
    from dagster_project.lib.periods import Months
    from dagster_project.lib.warehouse.dbt_runner import NodeResult

    config = Path(__file__).parents[2] / "dagster_project/commands/templates/tieout.toml"
    (workspace.project_dir / "tieout.toml").write_text(config.read_text())
    failed = NodeResult("test.tieout.one", "one", "test", "fail", "Got 3 results", 0.1, 3)
    monkeypatch.setattr(ingest, "check_landing", lambda *_: {})
    monkeypatch.setattr(Workspace, "build", lambda *_: [failed])
    with pytest.raises(DataError, match="the check one failed on 3 rows"):
        execute(workspace, Months.parse("2026-07"), Talk(quiet=True))
    assert not (workspace.home / "published").exists()


def test_the_sensor_waits_for_new_files(definitions: dg.Definitions, workspace: Workspace) -> None:
    def look(cursor: str | None) -> object:
        with dg.build_sensor_context(cursor=cursor, resources={"workspace": workspace}) as context:
            return landing_sensor(context)

    first = look(None)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(look(first.cursor), dg.SkipReason)
    (workspace.project_dir / "landing" / "new.csv").write_text("a\n")
    again = look(first.cursor)
    assert isinstance(again, dg.SensorResult)
    assert again.cursor != first.cursor
    assert again.run_requests


@pytest.mark.parametrize(
    ("schedule", "at", "month"),
    [
        (daily_reconciliation_schedule, datetime(2026, 8, 1, 5, tzinfo=UTC), "2026-07-01"),
        (month_end_close_schedule, datetime(2026, 1, 2, 6, tzinfo=UTC), "2025-12-01"),
    ],
)
def test_the_month_of_yesterday_and_the_month_that_ended_are_run(
    schedule: dg.ScheduleDefinition, at: datetime, month: str
) -> None:
    with dg.build_schedule_context(scheduled_execution_time=at) as context:
        request = schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == month


def test_a_closed_door_stops_the_models(
    definitions: dg.Definitions, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster_project.commands.road import execute
    from dagster_project.commands.talk import Talk
    from dagster_project.defs import ingest
    from dagster_project.lib.errors import DataError
    from dagster_project.lib.periods import Months

    config = Path(__file__).parents[2] / "dagster_project/commands/templates/tieout.toml"
    (workspace.project_dir / "tieout.toml").write_text(config.read_text())
    monkeypatch.setattr(ingest, "check_landing", lambda *_: {"network_usage": ["broken"]})
    with pytest.raises(DataError, match="expectations at the doors"):
        execute(workspace, Months.parse("2026-07"), Talk(quiet=True))
    assert not (workspace.home / "published").exists()
    assert not (workspace.home / "warehouse" / "tieout.duckdb").exists()


def test_a_reconciliation_drafts_no_bills(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get(BILL_DRAFT).parent_keys == {raw_key("tieout__issued_invoices")}
    for name in ("daily_reconciliation_job", "month_end_close_job"):
        layer = definitions.resolve_job_def(name).asset_layer
        assert BILL_DRAFT not in layer.executable_asset_keys
        assert SNAPSHOT in layer.executable_asset_keys
    keys = definitions.resolve_job_def("bill_draft_job").asset_layer.executable_asset_keys
    assert set(keys) == {BILL_DRAFT}


def test_the_draft_asset_drafts(tmp_path: Path) -> None:
    make_operator(tmp_path / "o")
    workspace = Workspace(Settings(project=tmp_path / "o"), tmp_path / "o")
    job = build_definitions(workspace).resolve_job_def("bill_draft_job")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, partition_key="2026-07-01")
    [event] = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["row_count"].value == 2
    assert metadata["control_total_EUR"].value == "48.790000"
    [run] = BillingOffice(workspace).runs.all()
    assert (run.drafted_by, run.status, run.invoice_count) == ("dagster", "draft", 2)
