from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingestion.scan
from ingestion.errors import FileRefusedError
from ingestion.scan import scan_parquet, scan_text


@pytest.mark.parametrize(
    ("content", "lines", "last", "last_no"),
    [
        (b"a\n", 1, b"a", 1),
        (b"a", 1, b"a", 1),
        (b"a\nb\n", 2, b"b", 2),
        (b"a\nb", 2, b"b", 2),
        (b"a\r\nb\r\n", 2, b"b", 2),
        (b"a\nb\n\n\n", 4, b"b", 2),
        (b"a\r\n\r\nb\r\n\r\n", 4, b"b", 3),
        (b"\n\n", 2, b"", 0),
        (b"a\n\n\nb\n\nc", 6, b"c", 6),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 3, 1 << 20])
def test_lines_are_counted_whatever_ends_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    lines: int,
    last: bytes,
    last_no: int,
    block: int,
) -> None:
    monkeypatch.setattr(ingestion.scan, "_BLOCK", block)
    path = tmp_path / "file"
    path.write_bytes(content)
    scan = scan_text(path, "file")
    assert (scan.lines, scan.size, scan.content) == (lines, len(content), content)
    assert scan.sha256 == hashlib.sha256(content).hexdigest()
    if block > len(content):
        assert (scan.last_line, scan.last_line_no) == (last, last_no)
        assert scan.first_line == content.split(b"\n")[0].rstrip(b"\r")


def test_the_last_line_may_lie_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.scan, "_BLOCK", 4)
    path = tmp_path / "file"
    path.write_bytes(b"abcdefg\nhij\nklmn\n")
    assert (scan_text(path, "file").last_line, scan_text(path, "file").last_line_no) == (b"klmn", 3)


def test_gzip_is_counted_unpacked_and_hashed_packed(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(b"a\nb\n", mtime=0))
    scan = scan_text(path, "file.gz")
    assert (scan.lines, scan.last_line) == (2, b"b")
    assert scan.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert scan.size == path.stat().st_size


@pytest.mark.parametrize("damage", ["cut", "checksum", "rubbish behind"])
def test_broken_gzip_is_refused(tmp_path: Path, damage: str) -> None:
    packed = bytearray(gzip.compress(b"a,b,c\n" * 1000, mtime=0))
    if damage == "cut":
        packed = packed[:-12]
    elif damage == "checksum":
        packed[-6] ^= 255
    else:
        packed += b"rubbish"
    path = tmp_path / "file.gz"
    path.write_bytes(packed)
    with pytest.raises(FileRefusedError, match="gzip stream is broken"):
        scan_text(path, "file.gz")


@pytest.mark.parametrize("name", ["file.csv", "file.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    with pytest.raises(FileRefusedError, match="file is empty"):
        scan_text(path, name)


def test_rows_of_parquet_come_from_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    assert scan_parquet(path, "file").lines == 3
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(FileRefusedError, match="not Parquet"):
        scan_parquet(path, "file")
    path.write_bytes(b"")
    with pytest.raises(FileRefusedError, match="empty"):
        scan_parquet(path, "file")


def test_the_content_of_large_files_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x\n" * 50)
    monkeypatch.setattr(ingestion.scan, "_SMALL_LINES", 49)
    assert scan_text(path, "file").content is None
    assert not scan_text(path, "file").is_small
