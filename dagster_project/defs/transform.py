"""The dbt models as assets, built in this process; their tests are asset checks."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from dagster_project.defs.words import MONTHS, WRITER_POOL, months_of, raw_key
from dagster_project.lib.warehouse.dbt_runner import NodeResult, raise_first_failure
from dagster_project.resources.settings import put_own_programs_on_path
from dagster_project.resources.workspace import Workspace

_UNIQUE_ID = "dagster_dbt/unique_id"
DbtEvent = dg.MaterializeResult[None] | dg.AssetCheckResult


class _Translator(DagsterDbtTranslator):
    """Asset key = [layer, table], group = domain: the folders of the model, and nothing else."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are the raw assets."""
        if dbt_resource_props["resource_type"] == "source":
            return raw_key(dbt_resource_props["identifier"])
        return dg.AssetKey([_folders(dbt_resource_props)[0], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The folder below the layer."""
        return _folders(dbt_resource_props)[-1]


def _folders(node: Mapping[str, Any]) -> list[str]:
    """`models/marts/usage/x.sql` -> [marts, usage]; a seed has only its own folder."""
    folders = list(Path(node["original_file_path"]).parent.parts)
    return folders[1:] if folders[0] == "models" and len(folders) > 1 else folders


def build_dbt_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """The models of the project; it is parsed here, in part when it was parsed before."""
    put_own_programs_on_path()

    @dbt_assets(
        manifest=workspace.dbt.parse(),
        name="models",
        dagster_dbt_translator=_Translator(),
        partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=WRITER_POOL,
    )
    def models(
        context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
    ) -> Iterator[DbtEvent]:
        """Staging, intermediate, marts and controls for the months of this run."""
        with workspace.writing("dagster"):
            results = workspace.build(months_of(context), _selected(context))
        yield from _to_events(results, context)
        raise_first_failure(results, workspace.dbt.log_path)

    return models


def _selected(context: dg.AssetExecutionContext) -> list[str]:
    """Names of the chosen models; none when all are, which dbt takes as everything."""
    chosen = context.selected_asset_keys
    if len(chosen) == len(context.assets_def.keys):
        return []
    return sorted(key.path[-1] for key in chosen)


def _to_events(
    results: Iterable[NodeResult], context: dg.AssetExecutionContext
) -> Iterator[DbtEvent]:
    """What dbt says of each node, as Dagster's events; what was not asked for is left out."""
    definition = context.assets_def
    keys = {spec.metadata[_UNIQUE_ID]: spec.key for spec in definition.specs}
    checks = {spec.metadata[_UNIQUE_ID]: spec.key for spec in definition.check_specs}
    for one in results:
        if one.resource_type == "test" and one.status != "skipped":
            check = checks.get(one.unique_id)
            if check and check in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    passed=one.is_done,
                    asset_key=check.asset_key,
                    check_name=check.name,
                    metadata={"failures": one.failures, "message": one.message},
                )
        elif one.is_done and keys.get(one.unique_id) in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=keys[one.unique_id], metadata={"seconds": one.seconds}
            )
