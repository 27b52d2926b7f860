"""The published tables, the door in front of readers, and the snapshot."""

import dagster as dg

from dagster_project.defs.doors import RESULTS_TABLE, check_published, read_results
from dagster_project.defs.words import MONTHS, SNAPSHOT, TABLES, WRITER_POOL, months_of
from dagster_project.lib.snapshot import staged_folder
from dagster_project.resources.workspace import Workspace


def build_publish_assets(
    models: dg.AssetsDefinition,
) -> tuple[list[dg.AssetsDefinition], dg.AssetChecksDefinition]:
    """The tables on top of the published models, the snapshot on top of them, and the door."""
    deps = [spec.key for spec in models.specs if "published" in spec.tags]

    @dg.asset(
        key=TABLES, deps=deps, group_name="published", partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(), pool=WRITER_POOL, kinds={"parquet"},
    )  # fmt: skip
    def tables(
        context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
    ) -> dg.MaterializeResult[None]:
        """Every published model as Parquet, ordered by its key, written aside for the door."""
        with workspace.writing("dagster"):
            folder = workspace.stage(months_of(context))
        return dg.MaterializeResult(metadata={"table_count": len(list(folder.glob("*.parquet")))})

    @dg.asset_check(
        asset=TABLES, name="published_door", blocking=True, partitions_def=MONTHS,
        description="Great Expectations on what readers are promised.",
    )  # fmt: skip
    def published_door(
        context: dg.AssetCheckExecutionContext, workspace: dg.ResourceParam[Workspace]
    ) -> dg.AssetCheckResult:
        run_id = workspace.provenance(months_of(context)).run_id
        broken = check_published(workspace, staged_folder(workspace.home, run_id))
        texts = [f"{table}: {text}" for table, found in broken.items() for text in found]
        return dg.AssetCheckResult(passed=not broken, metadata={"broken": "; ".join(texts)})

    @dg.asset(
        key=SNAPSHOT, deps=[TABLES], group_name="published", partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(), pool=WRITER_POOL, kinds={"parquet"},
    )  # fmt: skip
    def snapshot(
        context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
    ) -> dg.MaterializeResult[None]:
        """The immutable snapshot that dashboards, exports and commands read."""
        extra = {RESULTS_TABLE: read_results(workspace.home)}
        with workspace.writing("dagster"):
            manifest, is_new = workspace.commit(months_of(context), extra)
        return dg.MaterializeResult(
            metadata={"snapshot_id": manifest.snapshot_id, "is_new": is_new}
        )

    return [tables, snapshot], published_door
