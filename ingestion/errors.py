"""Errors in four parts: what broke, where, what it costs and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A database that should be extracted cannot be read."""

    code = "TIE-5001"


class FileRefusedError(IngestError):
    """One landed file is refused whole; the run goes on without it."""

    code = "TIE-3001"


class FileChangedError(FileRefusedError):
    """A file came again under its old name with other bytes."""

    code = "TIE-3002"


class TrailerError(FileRefusedError):
    """The trailer of a file does not agree with its lines."""

    code = "TIE-3003"


class ConservationError(FileRefusedError):
    """Lines read are not lines loaded, quarantined, header, trailer and blank."""

    code = "TIE-3004"
