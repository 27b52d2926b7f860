"""A TAP file of half a million events, read record by record; pycrate reads a part of it whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

from ingestion.layout import Layout
from ingestion.simulator.roaming.events import FileHead
from ingestion.simulator.roaming.partner import Partner, day_events
from ingestion.simulator.roaming.tap import tap_file
from ingestion.sources.tap import READER
from tests.unit.ingestion.landing import Landing

Work = Callable[[], dict[str, int | str]]
EVENTS, PART = 500_000, 20_000
_BLOCK = 1 << 20
_VISITED, _HOME = Partner("FRAF1", "20801"), Partner("DEUAB", "26201")
FILES = _ALL, _SOME = "all.tap", "part.tap"
_FEED = """[feeds.tap_records]
preset = "tap_records"
path = "*"
tadig_codes = ["DEUAB"]
"""


def make_files(folder: Path, events: int = EVENTS, part: int = PART) -> None:
    """Write the file and the part of it, each whole in itself."""
    folder.mkdir(parents=True, exist_ok=True)
    head = FileHead("FRAF1", "DEUAB", 1, datetime.fromisoformat("2026-07-02T03:00:00"))
    made = day_events(_VISITED, _HOME, date(2026, 7, 1), events, 1)
    for name, some in ((_ALL, made), (_SOME, made[:part])):
        (folder / name).write_bytes(tap_file(head, some))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _walked(path: Path) -> Work:
    layout = Layout(records="event", kinds=("tap",))

    def work() -> dict[str, int | str]:
        records = READER.count(_blocks(path), path.name, layout)
        charge = 0
        for element in READER.walk(_blocks(path), path.name, layout):
            charge += int(str(element.values["charge_amount"]).replace(".", ""))
        return {"records": records, "charge": charge}

    return work


def tieout(folder: Path) -> Work:
    """Count and read all events, as ingestion does; every check of the file included."""
    return _walked(folder / _ALL)


def tieout_part(folder: Path) -> Work:
    """The same for the part."""
    return _walked(folder / _SOME)


def tieout_ingest(folder: Path) -> Work:
    """The whole road of all events: contract, quarantine, Parquet by local day."""
    home = folder / "ingested"
    shutil.rmtree(home, ignore_errors=True)
    landing = Landing(home, _FEED)
    shutil.copy(folder / _ALL, home / "landing" / _ALL)

    def work() -> dict[str, int | str]:
        report = landing.ingest(threads=1)
        return {"records": sum(file.loaded_count for file in report.files)}

    return work


def pycrate_part(folder: Path) -> Work:
    """The library on the part: it checks sizes, and neither audit nor end of the file."""
    from pycrate_asn1dir.TAP3 import TAP_0312

    content = (folder / _SOME).read_bytes()

    def work() -> dict[str, int | str]:
        exchange = TAP_0312.DataInterChange
        exchange.from_ber(content)
        _, batch = exchange.get_val()
        return {
            "records": len(batch["callEventDetails"]),
            "charge": batch["auditControlInfo"]["totalCharge"],
        }

    return work
