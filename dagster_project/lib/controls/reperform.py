"""A finding done over again: one SQL statement over the frozen inputs that returns its row.

When a snapshot is staged, the SQL of every model that a control stands on is kept beside it. The
statement is made by putting all of them into one, each as a named step, from the raw parts upward.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.errors import DataError
from dagster_project.lib.warehouse.manifest import CompiledModel, DbtManifest

LINEAGE_NAME = "lineage.json"
HOME_MARK = "${TIEOUT_HOME}"
FROZEN = "frozen"
# The part without rows that every feed has.
_EMPTY = "none"
FINDINGS = "fct_findings"
# sources as dbt writes them: every part of one feed
_RAW_GLOB = re.compile(r"read_parquet\('(?P<root>[^']*)/raw/(?P<feed>[^'/]+)/[^']*'")


@dataclass(frozen=True)
class Comparison:
    """The published row, the row that came out again, and the columns in which they differ."""

    published: dict[str, Any]
    again: dict[str, Any] | None
    differing: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether the same row came out."""
        return self.again is not None and not self.differing


def write_lineage(
    manifest: DbtManifest, connection: duckdb.DuckDBPyConnection, home: Path, folder: Path
) -> None:
    """Keep the SQL behind every finding in the snapshot folder; paths are kept without the home.

    Args: connection: on the warehouse, for the rows of seeds, which have no SQL.
    """
    compiled = manifest.compiled()
    findings = next((one.relation for one in compiled.values() if one.name == FINDINGS), "")
    models = {
        model.relation: {
            "name": model.name,
            "is_kept": model.materialized != "view",
            "sql": _sql_of(model, connection).replace(str(home), HOME_MARK),
            "needs": list(model.needs),
        }
        for model in _upstream(compiled, findings)
    }
    controls = {key: str(meta["relation"]) for key, meta in manifest.controls().items()}
    content = {"findings": findings, "controls": controls, "models": models}
    text = json.dumps(content, indent=1, sort_keys=True)
    (folder / LINEAGE_NAME).write_text(text, encoding="utf-8")


def compose(
    folder: Path, home: Path, inputs: Mapping[str, Sequence[str]], control_id: str, finding_id: str
) -> str:
    """The statement that returns a finding again.

    Args: folder: of the snapshot; inputs: its file hashes per raw table.
    Raises: DataError when the snapshot does not hold the SQL of this control.
    """
    try:
        lineage = json.loads((folder / LINEAGE_NAME).read_text(encoding="utf-8"))
        control, findings = lineage["controls"][control_id], lineage["findings"]
        models = _without_other_controls(lineage["models"], control, lineage["controls"].values())
    except (FileNotFoundError, KeyError) as error:
        raise DataError(
            "TIE-3041",
            f"the SQL of control {control_id} is not kept with this snapshot",
            where=str(folder / LINEAGE_NAME),
            effect="the finding cannot be done over again",
            fix="`tieout run --full --period YYYY-MM` publishes it again",
        ) from error
    ordered = list(_in_order(models, findings))
    names = {relation: f'"tieout.{models[relation]["name"]}"' for relation in ordered}
    steps = [_step(models[relation], names) for relation in ordered]
    body = ",\n\n".join(steps).replace(HOME_MARK, str(home))
    frozen = _RAW_GLOB.sub(lambda found: _frozen_parts(found, home, inputs), body)
    wanted = finding_id.replace("'", "''")
    last = f"select * from {names[findings]} where finding_id = '{wanted}'"  # noqa: S608
    return f"with\n\n{frozen}\n\n{last}"


def _without_other_controls(
    models: dict[str, Any], control: str, controls: Iterable[str]
) -> dict[str, Any]:
    """The models with every control emptied that the wanted one does not stand on."""
    needed = set(_in_order(models, control))
    nothing = f"select * from {control} where false"  # noqa: S608
    emptied = {
        other: {**models[other], "sql": nothing, "needs": [control]}
        for other in controls
        if other in models and other not in needed
    }
    return {**models, **emptied}


def run_again(sql: str, published: Mapping[str, Any]) -> Comparison:
    """Run the statement in a fresh engine and compare its row with the published one."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = connection.sql(sql).to_arrow_table().to_pylist()
    if len(rows) != 1:
        return Comparison(dict(published), None, [])
    again = rows[0]
    differing = [name for name in published if published[name] != again.get(name)]
    return Comparison(dict(published), again, differing)


def _sql_of(model: CompiledModel, connection: duckdb.DuckDBPyConnection) -> str:
    return model.sql if model.resource_type == "model" else _rows_as_sql(model.relation, connection)


def _rows_as_sql(relation: str, connection: duckdb.DuckDBPyConnection) -> str:
    """A small table written out as SQL, with its types."""
    described = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608
    casts = ", ".join(f'cast("{row[0]}" as {row[1]}) as "{row[0]}"' for row in described)
    names = ", ".join(f'"{row[0]}"' for row in described)
    texts = ", ".join(f'cast("{row[0]}" as varchar)' for row in described)
    rows = connection.execute(f"select {texts} from {relation} order by all").fetchall()  # noqa: S608
    if not rows:
        nothing = ", ".join(f'cast(null as {row[1]}) as "{row[0]}"' for row in described)
        return f"select {nothing} where false"
    values = ",\n".join("(" + ", ".join(_value(value) for value in row) + ")" for row in rows)
    return f"select {casts} from (values\n{values}\n) as rows_of_seed ({names})"  # noqa: S608


def _value(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def _upstream(compiled: Mapping[str, CompiledModel], relation: str) -> Iterator[CompiledModel]:
    """A model and everything it stands on."""
    seen: set[str] = set()
    waiting = [relation]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in compiled:
            continue
        seen.add(name)
        waiting.extend(compiled[name].needs)
        yield compiled[name]


def _in_order(models: Mapping[str, Any], target: str) -> Iterator[str]:
    """Relations from the bottom up, each once, the target last."""
    done: set[str] = set()

    def visit(relation: str) -> Iterator[str]:
        if relation in done or relation not in models:
            return
        done.add(relation)
        for needed in models[relation]["needs"]:
            yield from visit(needed)
        yield relation

    return visit(target)


def _step(model: Mapping[str, Any], names: Mapping[str, str]) -> str:
    sql = str(model["sql"]).strip()
    for relation in model["needs"]:
        if relation in names:
            sql = sql.replace(relation, names[relation])
    kept = "materialized " if model["is_kept"] else ""
    return f'"tieout.{model["name"]}" as {kept}(\n{sql}\n)'


def _frozen_parts(found: re.Match[str], home: Path, inputs: Mapping[str, Sequence[str]]) -> str:
    """Name the parts of this snapshot instead of whatever lies in the feed's folder today."""
    feed = found["feed"]
    hashes = set(inputs.get(feed, ()))
    folder = home / (FROZEN if feed.startswith("tieout__") else "raw") / feed
    parts = sorted(p for p in folder.glob("**/*.parquet") if p.stem in {*hashes, _EMPTY})
    missing = sorted(hashes - {path.stem for path in parts})
    if missing:
        raise DataError(
            "TIE-3042",
            f"{len(missing)} raw parts of this snapshot are gone",
            where=f"feed {feed}: {', '.join(missing[:3])}",
            effect="the finding cannot be done over again",
            fix="land the same files again (same bytes, same mapping), then `tieout ingest`",
        )
    if len(parts) == len(list(folder.glob("**/*.parquet"))) and not feed.startswith("tieout__"):
        return found[0]
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in parts)
    return f"read_parquet([{listed}]"
