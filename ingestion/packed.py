"""The bytes of a landed file as UTF-8 text: unpacked within limits, and transcoded.

A member of a zip archive has the path of the archive with its own name behind it.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from ingestion.errors import FileRefusedError

BOM = b"\xef\xbb\xbf"
# In place of an encoding: the bytes are no text and stay as they are.
BINARY = "binary"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# What the reader of archives raises on bytes that are none.
SPOILT = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    ArithmeticError,
)
# Below this much nothing is a bomb, whatever its ratio: a file of blanks packs very well.
_HARMLESS_BYTES = 64 << 20
_PACKED = {".gz": "gzip", ".bz2": "bzip2", ".zip": "zip"}
# Five bytes that cp1252 leaves open are what browsers take them for, so that none is lost.
_CP1252 = {no: ord(bytes([no]).decode("cp1252", "ignore") or chr(no)) for no in range(256)}


@dataclass(frozen=True)
class Limits:
    """What a file may come to: [limits] of tieout.toml. Beyond it the file is refused.

    A document (JSON, XLSX) is held in memory whole, at about ten times its size.
    """

    unpacked_bytes: int = 256 << 30
    unpacked_ratio: int = 250
    line_bytes: int = 16 << 20
    document_bytes: int = 128 << 20


LIMITS = Limits()


def container(path: Path) -> Path:
    """Return the file on disk that holds the bytes of a path: an archive, or the path itself."""
    for parent in path.parents:
        if parent.suffix == ".zip" and parent.is_file():
            return parent
    return path


def members(path: Path) -> list[Path]:
    """Return the paths of the files in a zip archive; of any other file, or a broken one, its own.

    Names that begin with a dot, or lie in such a folder or in `__MACOSX`, are no deliveries.
    """
    if path.suffix != ".zip":
        return [path]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist() if not one.is_dir()]
    except (OSError, *SPOILT):
        return [path]
    wanted = [name for name in names if not _is_hidden(name)]
    twice = len(set(names)) < len(names)
    unsafe = any(PurePosixPath(name).is_absolute() or ".." in name for name in wanted)
    return [path] if twice or unsafe or not wanted else [path / name for name in wanted]


def size_text(size: int) -> str:
    """Return a size in words; a long figure could be somebody's number, and would be masked."""
    return f"{size} bytes" if size < 1 << 20 else f"{size >> 20} MB"


def is_packed_whole(path: Path) -> bool:
    """Tell whether the file itself is a packed stream, whose digest is that of the packed bytes."""
    return path.suffix in (".gz", ".bz2")


def is_packed(path: Path) -> bool:
    """Tell whether a file has to be unpacked to be read."""
    return is_packed_whole(path) or container(path) != path


def read_bytes(path: Path, where: str, block: int, limits: Limits = LIMITS) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file in blocks.

    Raises:
        FileRefusedError: the stream is broken or cut off, or unpacks beyond the limits.
    """
    kind = _PACKED.get(container(path).suffix, "")
    packed, done = container(path).stat().st_size, 0
    try:
        with _open(path, where) as stream:
            while content := stream.read(block):
                done += len(content)
                if kind:
                    _check_bomb(path, where, packed, done, limits)
                yield content
    except (gzip.BadGzipFile, *SPOILT) as e:
        raise _broken(kind, where, str(e)) from e
    except OSError as error:
        if error.errno is not None:
            raise
        raise _broken(kind, where, str(error)) from error


def read_text(
    path: Path,
    where: str,
    block: int,
    encoding: str | None = None,
    limits: Limits = LIMITS,
    see: Callable[[bytes], None] | None = None,
) -> Iterator[bytes]:
    """Yield the content of a text file in blocks of UTF-8, as far as it is text.

    A byte order mark of UTF-16 says its encoding; that of UTF-8 is handed on. `see` is shown the
    blocks as they are before that.

    Raises:
        FileRefusedError: it cannot be unpacked, or the bytes are not of a wide encoding.
    """
    blocks = read_bytes(path, where, block, limits)
    if see:
        blocks = _seen(blocks, see)
    if encoding == BINARY:
        yield from blocks
        return
    first = next(blocks, b"")
    if first.startswith(_UTF_32):
        raise _no_text("utf-32", where, "its byte order mark says so")
    for mark, name in _UTF_16.items():
        if first.startswith(mark):
            encoding, first = name, first[len(mark) :]
    if encoding in (None, "utf-8"):
        yield from filter(None, [first])
        yield from blocks
        return
    decode = _decoder(str(encoding))
    try:
        for content in filter(None, [first]):
            yield decode(content, False).encode()
        for content in blocks:
            yield decode(content, False).encode()
        yield from filter(None, [decode(b"", True).encode()])
    except UnicodeError as error:
        raise _no_text(str(encoding), where, str(error)) from error


def _seen(blocks: Iterator[bytes], see: Callable[[bytes], None]) -> Iterator[bytes]:
    for block in blocks:
        see(block)
        yield block


def _decoder(encoding: str) -> Callable[[bytes, bool], str]:
    if encoding == "cp1252":
        return lambda content, _: codecs.charmap_decode(content, "strict", _CP1252)[0]
    return codecs.getincrementaldecoder(encoding)().decode


def _open(path: Path, where: str) -> IO[bytes]:
    if path.suffix == ".zip" and path.is_file():
        raise FileRefusedError(
            "the archive is broken, empty, names a member twice or a place outside itself",
            where=where,
            effect="nothing was loaded from it",
            fix="ask for the archive again under a new name",
        )
    archive = container(path)
    if archive != path:
        name = path.relative_to(archive).as_posix()
        try:
            return zipfile.ZipFile(archive).open(name)
        except SPOILT as error:
            raise _broken("zip", where, str(error)) from error
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if path.suffix == ".bz2":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    return path.open("rb", buffering=0)


def _check_bomb(path: Path, where: str, packed: int, done: int, limits: Limits) -> None:
    if done > limits.unpacked_bytes:
        said = f"more than {size_text(limits.unpacked_bytes)}", "unpacked_bytes"
    elif done > _HARMLESS_BYTES and done > packed * limits.unpacked_ratio:
        said = f"more than {limits.unpacked_ratio} times its size", "unpacked_ratio"
    else:
        return
    raise FileRefusedError(
        f"{container(path).name} unpacks to {said[0]}",
        where=where,
        effect="nothing was loaded from it",
        fix=f"deliver it unpacked, or raise {said[1]} in [limits] of tieout.toml",
    )


def _broken(kind: str, where: str, what: str) -> FileRefusedError:
    return FileRefusedError(
        f"the {kind} stream is broken: {what}",
        where=where,
        effect="no line of it was loaded",
        fix="ask for the file again under a new name",
    )


def _no_text(encoding: str, where: str, what: str) -> FileRefusedError:
    return FileRefusedError(
        f"the file is not text in {encoding}: {what}",
        where=where,
        effect="no line of it was loaded",
        fix="set encoding to what the file is written in, or have it written in UTF-8",
    )


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
