"""A family of calculations: how its cases become rows, and what the models say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.lib.warehouse.dbt_runner import DbtRunner, raise_first_failure
from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse
from dagster_project.resources.settings import Settings
from dagster_project.resources.workspace import Workspace
from tests.house.tree import ROOT

from .feeds import Case, Feeds, Inputs, UnsupportedError

MICRO = Decimal("0.000001")
Figures = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """Cases that one project answers.

    Attributes: adders: calc -> what adds the rows of a case, or raises UnsupportedError before it
        adds any; answer: writes the project of all rows below a folder, builds the models and
        returns the figures of each case under the names of its `expected`; foreign: figures of a
        case that are of its own system's making and that our models do not have.
    """

    adders: Mapping[str, Callable[[str, Inputs, Feeds], None]]
    answer: Callable[[Path, Feeds, Sequence[Case]], dict[str, Figures]]
    foreign: frozenset[str] = frozenset()


def why_not(family: Family, case: Case) -> str:
    """What a case asks for that cannot be said yet; empty when it can."""
    try:
        family.adders[case["inputs"]["calc"]](case["id"], case["inputs"], Feeds())
    except UnsupportedError as missing:
        return str(missing)
    return ""


class Project:
    """Landed rows, and models built on them."""

    def __init__(
        self, home: Path, feeds: Feeds, time_zone: str = "UTC", quarantined: int = 0
    ) -> None:
        """Write the rows below home and load them; so many of them are refused."""
        feeds.write(home / "project", time_zone)
        settings = Settings.model_validate({"home": home, "project": home / "project"})
        report = Workspace(settings, home / "project").ingest()
        assert report is not None and not report.refused
        assert report.quarantined_count == quarantined, (
            f"{report.quarantined_count} rows in quarantine"
        )
        self._zone = time_zone
        self._warehouse = DuckDBWarehouse(home, 2)
        self._runner = DbtRunner(ROOT / "dbt", home, self._warehouse, 2)

    @contextmanager
    def built(
        self, variables: Mapping[str, Any], models: Sequence[str]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse after the models and all below them were built."""
        select = [f"+{model}" for model in models]
        given = {"time_zone": self._zone, **variables}
        results = self._runner.build(given, select=select, with_tests=False)
        raise_first_failure(results, self._runner.log_path)
        with self._warehouse.reading() as connection:
            yield connection


def decimal(value: object) -> Decimal:
    """A figure in the one form that compares equal."""
    return Decimal(str(value)).normalize() + 0
