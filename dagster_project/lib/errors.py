"""One shape for everything that goes wrong in front of a user: what, where, the effect, the fix.

The first digit of a code is the exit code: 2 usage, 3 data, 4 locked, 5 unreachable.
"""

from __future__ import annotations


class TieoutError(Exception):
    """A problem the user can act on; the command line prints its four parts.

    Attributes: code (forever the same for one problem), what, where, effect, fix.
    """

    def __init__(self, code: str, what: str, *, where: str, effect: str, fix: str) -> None:
        """Keep the four parts apart, so that text and JSON can both be made of them."""
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.effect = effect
        self.fix = fix


class UsageError(TieoutError):
    """The command or the configuration is wrong (exit 2)."""


class DataError(TieoutError):
    """The data is wrong or not there (exit 3)."""


class LockedError(TieoutError):
    """Somebody else is writing (exit 4)."""


class UnreachableError(TieoutError):
    """Something outside cannot be reached (exit 5)."""
