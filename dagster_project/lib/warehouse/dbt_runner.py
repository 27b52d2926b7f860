"""Runs dbt inside this process: a command-line call costs 8 to 14 seconds, this one to two.

The project is parsed without the variables of a run and without the folder of a home: another month
or another home is not another project, and dbt would parse everything again for it. So a new home
begins with what `make setup` parsed. Variables and folder are given to the build.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.lib.errors import DataError, TieoutError
from dagster_project.lib.warehouse.duckdb import warehouse_is_open
from dagster_project.lib.warehouse.manifest import DbtManifest
from dagster_project.lib.warehouse.protocol import Warehouse

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

MANIFEST = "manifest.json"
PARSED = Path("target") / "partial_parse.msgpack"
DONE = frozenset({"success", "pass", "warn", "no-op"})


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test of a build ended."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    seconds: float
    failures: int

    @property
    def is_done(self) -> bool:
        """Built, or passed."""
        return self.status in DONE


class DbtRunner:
    """dbt on one warehouse, with everything it writes in a folder of its own: `<home>/dbt`."""

    def __init__(
        self,
        project_dir: Path,
        home: Path,
        warehouse: Warehouse,
        threads: int,
        work_dir: Path | None = None,
    ) -> None:
        """Name the places; dbt is imported when it is first needed."""
        self._project_dir = project_dir
        self._home = home
        self._work_dir = work_dir or home / "dbt"
        self._warehouse = warehouse
        self._threads = threads
        self._parsed: Manifest | None = None

    @property
    def manifest_path(self) -> Path:
        """Where dbt leaves its manifest; it holds the compiled SQL after a build."""
        return self._work_dir / "target" / MANIFEST

    @property
    def log_path(self) -> Path:
        """Where dbt's own log is."""
        return self._work_dir / "logs" / "dbt.log"

    def parse(self) -> Path:
        """Parse the project (in part, when it was parsed before) and write its manifest."""
        if self._parsed is None:
            ours, everyones = self._work_dir / PARSED, self._project_dir / PARSED
            start = ["--partial-parse-file-path", str(everyones)]
            known = start if everyones.is_file() and not ours.is_file() else []
            result = self._invoke(["parse", *known], None)
            if not result.success:
                raise self._broken(result.exception)
            self._parsed = result.result
            for source in result.result.sources.values():
                source.meta["home"] = str(self._home)
        return self.manifest_path

    def build(
        self,
        variables: Mapping[str, Any],
        *,
        select: Sequence[str] = (),
        full_refresh: bool = False,
        with_tests: bool = True,
        on_event: Callable[[str, str], None] | None = None,
    ) -> list[NodeResult]:
        """Build models, seeds and their tests.

        Args: variables: the vars of the run; select: node names, empty for all; with_tests: prove
            keys and totals too; on_event: called with name and status as each node ends.
        Raises: TieoutError when dbt cannot start; failed nodes are in the result.
        """
        self.parse()
        self._warehouse.prepare()
        left_out = ["unit_test"] if with_tests else ["unit_test", "test"]
        arguments = ["build", "--vars", json.dumps(variables)]
        arguments += ["--exclude-resource-type", *left_out]
        arguments += ["--full-refresh"] if full_refresh else []
        # a check that reads a model which is not built here has nothing to read
        arguments += ["--select", *select, "--indirect-selection", "buildable"] if select else []
        result = self._invoke(arguments, on_event)
        self._warehouse.release()
        if result.result is None:
            raise self._broken(result.exception)
        return [_node_result(one) for one in result.result.results]

    def read_manifest(self) -> DbtManifest:
        """The manifest as last written."""
        return DbtManifest.read(self.manifest_path)

    def _invoke(self, arguments: list[str], on_event: Callable[[str, str], None] | None) -> Any:
        from dbt.cli.main import dbtRunner

        self._tell_environment(is_build=arguments[0] == "build")
        callbacks = [_listener(on_event)] if on_event else []
        places = {
            "--project-dir": self._project_dir,
            "--profiles-dir": self._project_dir,
            "--target-path": self._work_dir / "target",
            "--log-path": self._work_dir / "logs",
            "--target": self._warehouse.target,
        }
        options = [text for option, place in places.items() for text in (option, str(place))]
        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "info"]
        return dbtRunner(self._parsed, callbacks).invoke([*quiet, *arguments, *options])

    def _tell_environment(self, *, is_build: bool) -> None:
        """profiles.yml can be told where the warehouse is only through the environment."""
        database = self._warehouse.database
        os.environ["DBT_TIEOUT_DATABASE"] = database if is_build else Path(database).name
        os.environ.pop("DBT_TIEOUT_HOME", None)  # parse() tells the sources
        os.environ["DBT_TIEOUT_THREADS"] = str(self._threads)

    def _broken(self, error: BaseException | None) -> BaseException:
        """What dbt raised, as a problem a user can act on; an interrupt stays an interrupt."""
        if isinstance(error, KeyboardInterrupt | TieoutError):
            return error
        text = str(error).strip() or type(error).__name__
        if "Could not set lock" in text or "Conflicting lock" in text:
            return warehouse_is_open(self._warehouse.database, error or RuntimeError(text))
        return DataError(
            "TIE-3030",
            "the models cannot be built",
            where=text,
            effect="nothing was published",
            fix=f"mend what is named; the whole log is {self.log_path}",
        )


def raise_first_failure(results: Sequence[NodeResult], log_path: Path) -> None:
    """Turn failed nodes into one error: a broken model before a failed test.

    Raises: DataError, naming the node and what dbt said of it.
    """
    failed = [one for one in results if not one.is_done and one.status != "skipped"]
    if not failed:
        return
    first = next((one for one in failed if one.resource_type != "test"), failed[0])
    others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if first.resource_type == "test":
        what = f"the check {first.name} failed on {first.failures} rows{others}"
        code, fix = (
            "TIE-3032",
            "look at these rows in what was landed, mend the file or the mapping",
        )
    else:
        what = f"the {first.resource_type} {first.name} cannot be built{others}"
        code, fix = "TIE-3031", "mend what is named"
    raise DataError(
        code,
        what,
        where=" ".join(first.message.split()),
        effect="nothing was published; the snapshot before stays",
        fix=f"{fix}; the whole log is {log_path}",
    )


def _node_result(one: Any) -> NodeResult:
    return NodeResult(
        unique_id=one.node.unique_id,
        name=one.node.name,
        resource_type=str(one.node.resource_type),
        status=str(one.status),
        message=one.message or "",
        seconds=one.execution_time,
        failures=one.failures or 0,
    )


def _listener(on_event: Callable[[str, str], None]) -> Callable[[Any], None]:
    """Hear from dbt's events when a node has ended."""

    def hear(event: Any) -> None:
        if event.info.name == "NodeFinished":
            about = event.data.node_info
            on_event(about.node_name, about.node_status)

    return hear
