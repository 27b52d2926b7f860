"""Raw assets, one for each feed contract, and the landing door in front of the models."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.doors import check_landing
from dagster_project.defs.words import SELF_MADE, WRITER_POOL, raw_key
from dagster_project.resources.workspace import Workspace
from ingestion.contracts import Contract, load_contracts


def _describe(contract: Contract) -> dg.AssetSpec:
    late = "Late when no new file came for its day." if contract.partition else "Whole deliveries."
    return dg.AssetSpec(
        raw_key(contract.table),
        group_name=contract.source,
        description=f"{contract.description} Grain: {contract.grain}. {late}",
        kinds={"parquet"},
    )


_CONTRACTS = {contract.table: contract for contract in load_contracts().values()}
_FEEDS = [_describe(contract) for contract in _CONTRACTS.values()]
_OWN = [
    dg.AssetSpec(
        raw_key(f"tieout__{name}"),
        group_name="tieout",
        description="What ingestion knows about the deliveries.",
        kinds={"parquet"},
    )
    for name in SELF_MADE
]


@dg.multi_asset(name="raw", specs=[*_FEEDS, *_OWN], can_subset=True, pool=WRITER_POOL)
def raw_assets(
    context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]
) -> Iterator[dg.MaterializeResult[None]]:
    """Landed files and extracted tables as Parquet parts, each named by its content."""
    wanted = {key.path[-1] for key in context.selected_asset_keys}
    everything = len(wanted) == len(_FEEDS) + len(_OWN)
    feeds = {_CONTRACTS[table].feed for table in wanted if table in _CONTRACTS}
    with workspace.writing("dagster"):
        mapped = sorted(feeds.intersection(workspace.project.feeds))
        report = workspace.ingest(None if everything else mapped)
    counts = workspace.row_counts()
    for table in sorted(wanted):
        yield dg.MaterializeResult(
            asset_key=raw_key(table), metadata={"row_count": counts.get(table, 0)}
        )
    workspace.raise_refused(report)


_DOOR = [
    dg.AssetCheckSpec(
        "landing_door",
        asset=raw_key(table),
        blocking=True,
        description="Great Expectations made from the feed's contract.",
    )
    for table in _CONTRACTS
]


@dg.multi_asset_check(name="landing_door", specs=_DOOR, can_subset=True)
def landing_door(
    context: dg.AssetCheckExecutionContext, workspace: dg.ResourceParam[Workspace]
) -> Iterator[dg.AssetCheckResult]:
    """Hold every landed feed against its contract; a broken one stops the models."""
    tables = sorted(key.asset_key.path[-1] for key in context.selected_asset_check_keys)
    failures = check_landing(workspace, [_CONTRACTS[table].feed for table in tables])
    for table in tables:
        broken = failures.get(_CONTRACTS[table].feed, [])
        yield dg.AssetCheckResult(
            asset_key=raw_key(table),
            check_name="landing_door",
            passed=not broken,
            metadata={"broken": "; ".join(broken)},
        )
