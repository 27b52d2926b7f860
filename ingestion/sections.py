"""One table of tieout.toml, read field by field so that an error can name the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.errors import ConfigError


class Section:
    """One table of tieout.toml, read field by field so that an error can name the field."""

    def __init__(self, raw: Mapping[str, Any], where: str) -> None:
        self.raw, self.where = dict(raw), where

    def fail(self, name: str, what: str, fix: str) -> NoReturn:
        """Raise a ConfigError that names this table and the field."""
        raise ConfigError(
            f"{name} {what}",
            where=f"tieout.toml {self.where}",
            effect="nothing was read",
            fix=fix,
        )

    def take(self, name: str, kind: type, default: Any = ...) -> Any:
        """Take a field of one type; without a default it must be there."""
        value = self.raw.pop(name, default)
        if value is ...:
            self.fail(name, "is missing", f"set {name} in {self.where}")
        if value is not default and not isinstance(value, kind):
            self.fail(name, f"is {value!r}, not {_KINDS[kind]}", f"write {_KINDS[kind]}")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: Any = ...) -> Any:
        """Take a text that is one of a few."""
        value = self.take(name, str, default)
        if value not in allowed:
            self.fail(name, f"is {value!r}", f"use one of {', '.join(allowed)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a text or a list of texts."""
        value = self.raw.pop(name, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.fail(name, f"is {value!r}", "write a text or a list of texts")
        return tuple(items)

    def zone(self, name: str, default: Any = ...) -> str:
        """Take the name of a time zone."""
        value = self.take(name, str, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            self.fail(name, f"{value!r} is no time zone", "use an IANA name such as Europe/Berlin")
        return cast(str, value)

    def done(self) -> None:
        """Fail when a field is left that nobody took."""
        for name in self.raw:
            self.fail(name, "is not known here", f"remove {name} or correct its spelling")


_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "a table",
    list: "a list",
}
