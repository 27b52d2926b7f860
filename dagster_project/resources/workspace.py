"""One home and one project, opened piece by piece: what every command and every asset is handed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.lib.errors import DataError, UnreachableError, UsageError
from dagster_project.lib.periods import Months
from dagster_project.resources.code import DBT_PROJECT, code_revision
from dagster_project.resources.settings import PROJECT_FILE, Settings, read_secret

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

    from dagster_project.lib.snapshot import Manifest, Provenance
    from dagster_project.lib.warehouse import Warehouse
    from dagster_project.lib.warehouse.dbt_runner import DbtRunner, NodeResult
    from ingestion.ingest import IngestReport
    from ingestion.mapping import Project

RUN_ID_LENGTH = 16
# What ingestion says about itself is written anew each time; a copy by content stays for ever.
SELF_MADE = "tieout__"
FROZEN = "frozen"


class Workspace:
    """Settings brought to life. Nothing is opened or imported before it is asked for."""

    def __init__(self, settings: Settings, start: Path) -> None:
        """Name home and project; `start` is where the search for tieout.toml begins."""
        self.settings = settings
        self.home = settings.find_home(start)
        self._start = start
        self.full_refresh = False
        self.accept_refused = False
        self.tell: Callable[[str], None] = lambda text: None
        self._is_writing = False
        self._report: IngestReport | None = None

    @cached_property
    def project_dir(self) -> Path:
        """The folder of tieout.toml.

        Raises: UsageError when there is none.
        """
        found = self.settings.find_project(self._start)
        if found and (found / PROJECT_FILE).is_file():
            return found
        raise UsageError(
            "TIE-2020",
            f"there is no {PROJECT_FILE} here",
            where=str(found or self._start),
            effect="nothing was read",
            fix="go to your project folder, set TIEOUT_PROJECT, or make one: `tieout init DIR`",
        )

    @cached_property
    def project(self) -> Project:
        """The mapping of the operator's exports to feeds."""
        from ingestion.mapping import load_project

        return load_project(self.project_dir, read_secret)

    @cached_property
    def store(self) -> sa.Engine:
        """The control store, at its newest revision."""
        from dagster_project.lib.store import open_store

        return open_store(self.settings.find_store_url(self._start))

    @cached_property
    def warehouse(self) -> Warehouse:
        """The engine that was chosen; nothing is opened yet."""
        options = (self.home, self.settings.threads, self.settings.memory_limit)
        if self.settings.engine == "spark":
            from dagster_project.lib.warehouse.spark import SparkWarehouse

            return SparkWarehouse(*options)
        from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse

        return DuckDBWarehouse(*options)

    @cached_property
    def dbt(self) -> DbtRunner:
        """Dbt on that engine."""
        from dagster_project.lib.warehouse.dbt_runner import DbtRunner

        return DbtRunner(DBT_PROJECT, self.home, self.warehouse, self.settings.threads)

    @cached_property
    def code_revision(self) -> str:
        """The revision of the code that makes the figures."""
        return code_revision()

    @contextmanager
    def writing(self, who: str) -> Iterator[None]:
        """Be the one writer of this home; inside another such block it costs nothing."""
        if self._is_writing:
            yield
            return
        from dagster_project.lib.store import writer_lock

        with writer_lock(self.home, who):
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    def ingest(self, feeds: Sequence[str] | None = None) -> IngestReport:
        """Land and load what is new. All feeds are read once per workspace, however often asked."""
        from dagster_project.resources.ledger import StoreLedger
        from ingestion.ingest import ingest
        from ingestion.quarantine import let_group_read

        if self._report is None or feeds is not None:
            if self.settings.quarantine_group:
                let_group_read(self.home, self.settings.quarantine_group)
            report = ingest(
                self.project,
                self.home,
                StoreLedger(self.store),
                feeds=list(feeds) if feeds is not None else None,
                threads=self.settings.threads,
            )
            self.bring_in_issued()
            self._report = report if feeds is None else None
            return report
        return self._report

    def bring_in_issued(self) -> None:
        """Write what bill runs issued into raw, where more was issued since the last time."""
        from dagster_project.lib.store import InvoiceTable
        from ingestion.issued import count_issued, write_issued

        table = InvoiceTable(self.store)
        if count_issued(self.home) != table.count():
            write_issued(self.home, "issued_invoice_lines", table.all_lines())
            write_issued(self.home, "issued_invoices", table.all_invoices())

    def raise_refused(self, report: IngestReport, command: str = "tieout run") -> None:
        """Stop where files were refused or sources missed, unless it was said to go on without.

        Args: command: what is stopped, and takes `--accept-refused`.
        Raises: DataError, naming the first files; UnreachableError, naming the first sources.
        """
        if self.accept_refused:
            return
        if report.unreachable:
            first = report.unreachable[0]
            raise UnreachableError(
                first.code,
                f"{len(report.unreachable)} of the sources could not be read",
                where="\n".join(f"{one.where}: {one.what}" for one in report.unreachable[:5]),
                effect="what they delivered before stays; nothing was published or drafted",
                fix=f"{first.fix}; or go on with what is there: `{command} --accept-refused`",
            )
        if not report.refused:
            return
        count = len(report.refused)
        raise DataError(
            "TIE-3050",
            f"{count} landed {'file was' if count == 1 else 'files were'} refused",
            where="\n".join(f"{file.source_file}: {file.reason}" for file in report.refused[:5]),
            effect="nothing was published or drafted; the snapshot before stays",
            fix=f"mend or replace these files, or go on without them: `{command} --accept-refused`",
        )

    def provenance(self, months: Months) -> Provenance:
        """What a run over these months would be made from, once everything is ingested."""
        from dagster_project.lib.snapshot import Provenance

        operator = self.project.operator
        made_from = Provenance(
            run_id="",
            code_revision=self.code_revision,
            period_from=months.first.isoformat(),
            period_through=months.last.isoformat(),
            time_zone=operator.time_zone,
            currency_code=operator.currency_code,
            parameters=dict(self.project.parameters),
            inputs=self._inputs(),
        )
        # Not the inputs: a late file must not change the rows of other days (decision 0005).
        said = {**asdict(made_from), "inputs": None}
        return replace(made_from, run_id=_digest(said))

    def variables(self, months: Months) -> dict[str, Any]:
        """What the models are told of a run over these months."""
        made_from = self.provenance(months)
        names = ("period_from", "period_through", "time_zone", "currency_code", "run_id")
        given = {name: getattr(made_from, name) for name in (*names, "code_revision")}
        return {"home": str(self.home), **made_from.parameters, **given}

    def build(
        self, months: Months, select: Sequence[str] = (), *, with_tests: bool = True
    ) -> list[NodeResult]:
        """Build the models (all, or the named ones) for these months, and their tests."""
        variables = self.variables(months)
        return self.dbt.build(
            variables,
            select=select,
            full_refresh=self.full_refresh,
            with_tests=with_tests,
            on_event=lambda name, status: self.tell(f"{name}: {status}"),
        )

    def stage(self, months: Months) -> Path:
        """Write every published table aside, with the SQL behind each control."""
        from dagster_project.lib.controls.reperform import write_lineage
        from dagster_project.lib.snapshot import stage

        manifest = self.dbt.read_manifest()
        with self.warehouse.reading() as connection:
            run_id = self.provenance(months).run_id
            folder = stage(connection, manifest.published(), self.home, run_id)
            write_lineage(manifest, connection, self.home, folder)
        return folder

    def commit(self, months: Months, extra: Mapping[str, pa.Table]) -> tuple[Manifest, bool]:
        """Add the tables that Python made, and name what was staged as the current snapshot.

        Returns: its manifest, and whether it is another one than before.
        """
        from dagster_project.lib.snapshot import commit, stage_extra, staged_folder

        made_from = self.provenance(months)
        folder = staged_folder(self.home, made_from.run_id)
        for name, table in extra.items():
            stage_extra(folder, name, table)
        return commit(self.home, folder, made_from)

    def row_counts(self) -> dict[str, int]:
        """Rows of each raw table, as ingestion counted them."""
        import duckdb

        path = str(self.home / "raw" / f"{SELF_MADE}feeds" / "part.parquet")
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select source || '__' || feed, row_count from read_parquet($path)", {"path": path}
            ).fetchall()
        return dict(rows)

    def _inputs(self) -> dict[str, list[str]]:
        """File hashes per raw table; what ingestion says about itself is copied by its hash."""
        import duckdb

        from ingestion.contracts import load_contracts

        found: dict[str, list[str]] = {}
        landed = self.home / "raw" / f"{SELF_MADE}landed_files" / "part.parquet"
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select feed, file_hash from read_parquet($path) "
                "where status = 'loaded' order by all",
                {"path": str(landed)},
            ).fetchall()
        tables = {feed: contract.table for feed, contract in load_contracts().items()}
        for feed, file_hash in rows:
            found.setdefault(tables[feed], []).append(file_hash)
        for part in sorted((self.home / "raw").glob(f"{SELF_MADE}*/part.parquet")):
            found[part.parent.name] = [self._freeze(part)]
        return found

    def _freeze(self, part: Path) -> str:
        from dagster_project.lib.snapshot import hash_file

        file_hash = hash_file(part)[:RUN_ID_LENGTH]
        copy = self.home / FROZEN / part.parent.name / f"{file_hash}.parquet"
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            aside = copy.with_suffix(".new")
            shutil.copyfile(part, aside)
            aside.replace(copy)
        return file_hash


def _digest(said: Mapping[str, object]) -> str:
    """The first digits of a hash over everything that is said."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:RUN_ID_LENGTH]
