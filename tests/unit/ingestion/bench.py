"""Loads many small files of one feed with one loader, without a ledger."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.admit import Admission
from ingestion.contracts import load_contracts
from ingestion.land import Found, Known, open_archives
from ingestion.ledger import LandedFile
from ingestion.load import Loaded, Loader
from ingestion.mapping import load_project
from tests.unit.ingestion.landing import OPERATOR
from tests.unit.ingestion.rates import RATES

Row = tuple[int, date]


class Bench:
    """Loads one file after the other with one loader, without a ledger."""

    def __init__(self, folder: Path, options: str) -> None:
        (folder / "landing").mkdir()
        (folder / "tieout.toml").write_text(OPERATOR + RATES + options, encoding="utf-8")
        self.project, self.folder = load_project(folder), folder
        self.contract = load_contracts()["fx_rates"]
        self.loader = Loader(self.project, folder / "home")

    def load(self, name: str, contents: list[bytes]) -> list[tuple[LandedFile, list[Row]]]:
        """Return the record of each file, and line and day of the rows that were loaded."""
        admission = Admission(self.project, Known([]), {"fx_rates": "fingerprint"})
        for no, content in enumerate(contents):
            path = self.folder / "landing" / f"{no:05d}{name}"
            path.write_bytes(content)
            stat = path.stat()
            whole = Found("fx_rates", path, path.name, stat.st_size, stat.st_mtime_ns)
            for found in open_archives([whole]):
                admission.decide(found, admission.scan(found))
        others = [*admission.refused, *(copy for copy, _ in admission.copies)]
        results: list[tuple[LandedFile, list[Row]]] = [(one, []) for one in others]
        for batch in admission.batches():
            for loaded in self.loader.load(self.contract, batch):
                results.append((loaded.record, _rows(loaded)))
            shutil.rmtree(self.folder / "home" / "raw" / "_tmp", ignore_errors=True)
        return sorted(results, key=lambda result: result[0].source_file)


def _rows(loaded: Loaded) -> list[Row]:
    rows: list[Row] = []
    for part, _ in loaded.staged:
        table = pq.ParquetFile(part).read(columns=["_source_row", "rate_on"])
        rows += zip(*(column.to_pylist() for column in table.columns), strict=True)
    return sorted(rows)
