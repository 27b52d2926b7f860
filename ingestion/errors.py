"""Errors in four parts: what broke, where, what it costs and how to mend it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Message:
    """What a run has to say: an error that stopped it, or a file it went on without."""

    code: str
    what: str
    where: str
    effect: str
    fix: str
    level: Literal["error", "warning"] = "error"

    def text(self) -> str:
        """Return the block that the command line prints."""
        return (
            f"{self.level}[{self.code}]: {self.what}\n"
            f"  where: {self.where}\n"
            f"  effect: {self.effect}\n"
            f"  fix:   {self.fix}"
        )


class IngestError(Exception):
    """A stop with its code, place, effect and fix."""

    code = "TIE-3000"

    def __init__(self, what: str, *, where: str, effect: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.where, self.effect, self.fix = what, where, effect, fix

    @property
    def message(self) -> Message:
        """Return the same facts as data."""
        return Message(self.code, self.what, self.where, self.effect, self.fix)

    def __str__(self) -> str:
        return self.message.text()


class ConfigError(IngestError):
    """tieout.toml says something that cannot be done."""

    code = "TIE-2001"


class ContractError(IngestError):
    """A feed contract is not well formed."""

    code = "TIE-2002"


class SourceError(IngestError):
    """A database, a folder or a server cannot be read; the other feeds go on without it."""

    code = "TIE-5001"


class StorageError(IngestError):
    """What was read cannot be written: no space, no permission."""

    code = "TIE-5002"


class LinesHiddenError(IngestError):
    """Somebody asks for quarantined lines who may not read them."""

    code = "TIE-2003"


class FileRefusedError(IngestError):
    """One landed file is refused whole; the run goes on without it."""

    code = "TIE-3001"


class FileChangedError(FileRefusedError):
    """A file came again under its old name with other bytes."""

    code = "TIE-3002"


class TrailerError(FileRefusedError):
    """The trailer of a file does not agree with its lines."""

    code = "TIE-3003"


class FileClaimedError(FileRefusedError):
    """Several feeds name one file, and no one said that they share it."""

    code = "TIE-3008"


class FileUnreadableError(FileRefusedError):
    """A file is there and cannot be read now; it is tried again by each run."""

    code = "TIE-3009"


class RoamingFileError(FileRefusedError):
    """A roaming file is not what it claims to be, or does not add up."""

    code = "TIE-3020"


class ConservationError(FileRefusedError):
    """Lines read are not lines loaded, quarantined, header, trailer and blank."""

    code = "TIE-3004"


_NO_STORAGE = tuple(
    os.strerror(number)
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)
)


def storage_error(error: Exception, home: Path) -> StorageError:
    """Return what a failed write to home means to its owner."""
    text = str(error).split("\n")[0]
    reason = next((one for one in _NO_STORAGE if one in text), text)
    return StorageError(
        f"home cannot be written to: {reason}",
        where=str(home),
        effect="files that were recorded stay loaded; the others, and nothing of them, are not",
        fix="make room, or let the user of Tieout write there, and run again",
    )


def is_about_storage(error: Exception, folder: Path) -> bool:
    """Tell whether an engine failed because it could not write below a folder."""
    text = str(error)
    return str(folder) in text and any(reason in text for reason in _NO_STORAGE)
