"""What a mapping says of the way that files and rows arrive; it never changes how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from ingestion.sections import Section

_SPAN = re.compile(r"(\d+) (seconds?|minutes?|hours?|days?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What each protocol takes: secrets by the name of an environment variable, the rest as it is.
_SECRETS = {"s3": ("key", "secret", "token"), "sftp": ("password", "passphrase")}
_OPTIONS = {"s3": ("endpoint_url", "region_name"), "sftp": ("host_key", "key_filename")}

# Returns the value of an environment variable that a mapping names, None when it is not set.
Secrets = Callable[[str], str | None]


@dataclass(frozen=True)
class Location:
    """A folder elsewhere: its URL, names of environment variables that hold secrets, options."""

    url: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        """Return s3 or sftp."""
        return urlsplit(self.url).scheme


@dataclass(frozen=True)
class NameSequence:
    """How the names of a feed's files are numbered, or dated, so that a gap shows.

    The pattern is a regular expression with a group `number` or `day` (YYYYMMDD, perhaps with
    dashes), and perhaps a group `series`, such as the element that numbers its own files.
    """

    pattern: str
    modulus: int | None = None
    late_after: timedelta | None = None
    # The number that the first file of all has, and the one after the last.
    first: int = 0


@dataclass(frozen=True)
class Incremental:
    """A column that grows with each change of a row, and how far back each extract looks again."""

    column: str
    overlap: int | timedelta


def take_location(section: Section) -> Location | None:
    """Read location, secrets and connection of a feed."""
    url = section.take("location", str, None)
    variables, options = section.take("secrets", dict, {}), section.take("connection", dict, {})
    if url is None:
        if variables or options:
            section.fail("location", "is missing", "secrets and connection belong to a location")
        return None
    parts = urlsplit(url)
    if parts.scheme not in _SECRETS or not parts.netloc:
        section.fail("location", "is no s3:// or sftp:// address", "write s3://bucket/folder")
    if parts.password is not None:
        section.fail(
            "location", "holds a password", "remove it; name its variable in secrets = {...}"
        )
    _only(section, "secrets", variables, _SECRETS[parts.scheme])
    _only(section, "connection", options, _OPTIONS[parts.scheme])
    for name in variables.values():
        if not _NAME.fullmatch(name):
            section.fail("secrets", "must name environment variables", 'write password = "MY_NAME"')
    return Location(url, variables, options)


def _only(
    section: Section, name: str, values: Mapping[str, object], allowed: tuple[str, ...]
) -> None:
    for key, value in values.items():
        if key not in allowed:
            section.fail(f"{name}.{key}", "is not known here", f"use {', '.join(allowed)}")
        if not isinstance(value, str):
            section.fail(f"{name}.{key}", "is no text", "write a text")


def take_sequence(section: Section) -> NameSequence | None:
    """Read how file names are numbered."""
    raw = section.take("sequence", dict, None)
    if raw is None:
        return None
    inner = Section(raw, f"{section.where} sequence")
    sequence = NameSequence(
        pattern=inner.take("pattern", str),
        modulus=inner.take("modulus", int, None),
        late_after=_span(inner, "late_after") if "late_after" in inner.raw else None,
    )
    inner.done()
    try:
        groups = set(re.compile(sequence.pattern).groupindex)
    except re.error as error:
        inner.fail("pattern", f"is no regular expression: {error}", "correct it")
    if len(groups & {"number", "day"}) != 1 or groups - {"number", "day", "series"}:
        inner.fail("pattern", "needs one group named number or day", r"write (?P<number>\d+) in it")
    if sequence.modulus is not None and (sequence.modulus < 2 or "number" not in groups):
        inner.fail("modulus", "is for numbers that start again, 2 or more", "correct or remove it")
    if sequence.late_after is not None and "day" not in groups:
        inner.fail("late_after", "needs a group named day", "remove it, or name the day")
    return sequence


def take_incremental(section: Section) -> Incremental | None:
    """Read how a table is extracted piece by piece."""
    raw = section.take("incremental", dict, None)
    if raw is None:
        return None
    inner = Section(raw, f"{section.where} incremental")
    column = inner.take("column", str)
    overlap = inner.raw.get("overlap")
    if isinstance(overlap, int) and not isinstance(overlap, bool):
        inner.raw.pop("overlap")
        if overlap < 0:
            inner.fail("overlap", "is negative", "write 0 or more")
    else:
        overlap = _span(inner, "overlap")
    inner.done()
    return Incremental(column, overlap)


def take_settle_seconds(section: Section) -> int:
    """Read how long a file must have lain still before it is read; 0 asks for nothing."""
    seconds = section.take("settle_seconds", int, 0)
    if seconds < 0:
        section.fail("settle_seconds", "is negative", "write 0 or more")
    return int(seconds)


def _span(section: Section, name: str) -> timedelta:
    text = section.take(name, str)
    found = _SPAN.fullmatch(text)
    if not found:
        section.fail(name, f"is {text!r}", 'write a span of time such as "2 days"')
    unit = found[2].rstrip("s") + "s"
    return timedelta(**{unit: int(found[1])})
