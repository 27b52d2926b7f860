"""Lines that broke their contract: kept whole for their owner, listed masked for all others."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import Contract, load_contracts
from ingestion.errors import ConfigError, LinesHiddenError
from ingestion.ledger import LandedFile

SCHEMA = pa.schema(
    [
        ("feed", pa.utf8()),
        ("source_file", pa.utf8()),
        ("source_row", pa.int64()),
        ("file_hash", pa.utf8()),
        ("reason_code", pa.utf8()),
        ("column_name", pa.utf8()),
        ("value", pa.utf8()),
        ("natural_key", pa.utf8()),
        ("record_key", pa.int64()),
        ("event_on", pa.date32()),
    ]
)

# Six digits on their own: shorter ones are counts, line numbers and prefixes.
_LONG_FIGURE = re.compile(r"(?<![\w.])\+?\d{6,}(?![\w.])")


@dataclass(frozen=True)
class QuarantinedLine:
    """One line that did not load, without personal data."""

    feed: str
    source_file: str
    source_row: int
    reason_code: str
    column_name: str | None
    value: str | None
    natural_key: str | None


def list_quarantine(home: Path, feed: str | None = None, limit: int = 100) -> list[QuarantinedLine]:
    """Return quarantined lines in the order of feed, file and line, masked.

    Args:
        home: TIEOUT_HOME.
        feed: only this feed.
        limit: at most this many.
    """
    path = home / "raw" / "tieout__quarantined_rows" / "part.parquet"
    if not path.is_file():
        return []
    filters = [("feed", "=", feed)] if feed else None
    rows = pq.read_table(path, filters=filters).slice(0, limit).to_pylist()
    contracts = load_contracts()
    return [_line(row, contracts.get(row["feed"])) for row in rows]


@dataclass(frozen=True)
class BrokenLine:
    """One line that did not load, with the first rule it broke; what `FeedSql.bad` returns."""

    source_row: int
    line: str
    reason_code: str
    column_name: str | None = None
    value: str | None = None
    natural_key: str | None = None
    record_key: int | None = None
    event_on: date | None = None
    total: Decimal | None = None


def keep_lines(
    home: Path, contract: Contract, names: tuple[str, str], broken: Sequence[BrokenLine]
) -> int:
    """Write the raw lines, for their owner only, and the rows that tell of them.

    Args:
        home: TIEOUT_HOME.
        contract: feed of the file.
        names: source_file and file_hash.
        broken: the lines.

    Returns:
        The number of lines kept.
    """
    if not broken:
        return 0
    broken = sorted(broken, key=lambda line: line.source_row)
    folder = home / "quarantine" / contract.feed
    folder.mkdir(parents=True, exist_ok=True)
    _write_private(folder / f"{names[1]}.jsonl", map(_raw, broken))
    same = {"feed": contract.feed, "source_file": names[0], "file_hash": names[1]}
    told = [{name: getattr(line, name, None) for name in SCHEMA.names} for line in broken]
    table = pa.Table.from_pylist([{**row, **same} for row in told], schema=SCHEMA)
    target = folder / f"{names[1]}.parquet"
    aside = target.with_suffix(".tmp")
    pq.write_table(table, aside, compression="zstd")
    aside.replace(target)
    return len(broken)


def let_group_read(home: Path, group: str) -> None:
    """Let the members of a group read the quarantined lines too, those to come and those there.

    Raises:
        ConfigError: there is no such group, or the user of Tieout may not give files to it.
    """
    folder = home / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for path in (folder, *folder.iterdir(), *folder.glob("*/*.jsonl")):
            shutil.chown(path, group=group)
            # What is made in a folder with this bit belongs to the folder's group.
            path.chmod(0o2750 if path.is_dir() else 0o640)
    except (LookupError, PermissionError) as error:
        raise ConfigError(
            f"group {group!r} cannot be given the quarantined lines: {error}",
            where="TIEOUT_QUARANTINE_GROUP",
            effect="nothing was read",
            fix="name a group that the user of Tieout is a member of",
        ) from error


def read_lines(home: Path, feed: str, file_hash: str) -> dict[int, str]:
    """Return the quarantined lines of a file as they were delivered, by their number.

    Raises:
        LinesHiddenError: the user may not read them.
    """
    path = home / "quarantine" / feed / f"{file_hash}.jsonl"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise LinesHiddenError(
            "you may not read the quarantined lines: they hold personal data",
            where=str(path),
            effect="nothing was shown",
            fix="ask to become a member of the group of that folder (TIEOUT_QUARANTINE_GROUP),"
            " or leave --raw out for the masked list",
        ) from error
    # Not splitlines: it takes form feeds and the like for line ends.
    kept = (json.loads(line) for line in text.split("\n") if line)
    return {one["source_row"]: one["line"] for one in kept}


def forget_lines(home: Path, record: LandedFile, before: Sequence[LandedFile]) -> None:
    """Remove the quarantined lines of records that a recorded file replaces."""
    for digest in {one.file_hash for one in before} - {record.file_hash}:
        for ending in ("jsonl", "parquet"):
            (home / "quarantine" / record.feed / f"{digest}.{ending}").unlink(missing_ok=True)


def read_rows(home: Path, files: Sequence[tuple[str, str]]) -> pa.Table:
    """Return what is told of the quarantined lines of some files: (feed, file_hash)."""
    pieces = [
        pq.read_table(home / "quarantine" / feed / f"{digest}.parquet", schema=SCHEMA)
        for feed, digest in files
    ]
    return pa.concat_tables(pieces) if pieces else SCHEMA.empty_table()


def mask_figures(text: str) -> str:
    """Return a message in which no telephone number, IMSI or the like can be read."""
    return _LONG_FIGURE.sub(lambda found: mask(found[0]), text)


def mask(text: str) -> str:
    """Return a text of which only the last two signs show."""
    return "*" * (len(text) - 2) + text[-2:] if len(text) > 4 else "*" * len(text)


def _raw(line: BrokenLine) -> str:
    return json.dumps(
        {
            "source_row": line.source_row,
            "reason_code": line.reason_code,
            "column_name": line.column_name,
            "line": line.line.rstrip("\r\n"),
        },
        ensure_ascii=False,
    )


def _write_private(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner may read, or its group too, whole or not at all."""
    aside = path.with_suffix(".private")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
        if path.parent.stat().st_mode & stat.S_ISGID:
            os.fchmod(stream.fileno(), 0o640)
    aside.replace(path)


def _line(row: dict[str, Any], contract: Contract | None) -> QuarantinedLine:
    return QuarantinedLine(
        row["feed"],
        row["source_file"],
        row["source_row"],
        row["reason_code"],
        row["column_name"],
        row["value"],
        mask_key(contract, row["natural_key"]),
    )


def mask_key(contract: Contract | None, key: str | None) -> str | None:
    """Return a natural key with its personal parts masked."""
    personal = {column.name for column in contract.columns if column.is_masked} if contract else ()
    if not key or not contract or not set(personal).intersection(contract.key):
        return key
    parts = zip(contract.key, key.split("|"), strict=False)
    return "|".join(mask(part) if name in personal else part for name, part in parts)
