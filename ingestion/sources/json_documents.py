"""JSON documents: records at a path inside one or more documents, or in a list of them.

`records = "usage.items"` names the keys that lead to the records; lists on the way are walked, and
an object in place of a list is one record. The plain values of the object around a record have
`^.` before their name, those of the object around that one `^.^.`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.layout import Layout
from ingestion.packed import BOM
from ingestion.sources.elements import Element, ElementReader, Texts, flat, malformed

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
_DEEPEST = 200


class _DoubledKeyError(ValueError):
    """An object names a key twice: which of the values counts, nobody knows."""


def walk(blocks: Iterable[bytes], where: str, layout: Layout) -> Iterator[Element]:
    """Yield the records of the documents in order; a record with a key twice is broken.

    Raises:
        FileRefusedError: the text is no JSON.
    """
    path = layout.records.split(".") if layout.records else []
    row = 0
    for document in _documents(blocks, where):
        for record, around in _records(document, path, {}):
            row += 1
            yield _element(row, record, around)


def count(blocks: Iterable[bytes], where: str, layout: Layout) -> int:
    """Count the records by brackets and keys alone.

    Raises:
        FileRefusedError: brackets do not match.
    """
    path = layout.records.split(".") if layout.records else []
    return _Counter(path, where).count(_text(blocks, where))


def _text(blocks: Iterable[bytes], where: str) -> str:
    content = b"".join(blocks).removeprefix(BOM)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise malformed("JSON in UTF-8", where, f"byte {error.start}: set its encoding") from error


def _documents(blocks: Iterable[bytes], where: str) -> Iterator[Any]:
    text = _text(blocks, where)
    decoder = json.JSONDecoder(
        object_pairs_hook=_Pairs.of, parse_float=str, parse_int=str, parse_constant=_no_number
    )
    at = 0
    try:
        while match := re.compile(r"\S").search(text, at):
            document, at = decoder.raw_decode(text, match.start())
            yield document
    except RecursionError as error:
        raise malformed("JSON", where, "it is nested too deeply") from error
    except ValueError as error:
        raise malformed("JSON", where, str(error)) from error


class _Pairs(dict[str, Any]):
    """An object that remembers whether a key stood twice."""

    has_doubles = False

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Pairs:
        made = cls(pairs)
        made.has_doubles = len(made) < len(pairs)
        return made


def _no_number(word: str) -> str:
    raise ValueError(f"{word} is no number")


def _records(value: Any, path: list[str], around: Texts) -> Iterator[tuple[Any, Texts]]:
    if isinstance(value, list):
        for item in value:
            yield from _records(item, path, around)
    elif not path:
        yield value, around
    elif isinstance(value, dict) and value.get(path[0]) is not None:
        # Lists and the way to the records are left out: they would be repeated for each record.
        plain = {k: v for k, v in value.items() if k != path[0] and not isinstance(v, list)}
        outer = {f"^.{name}": text for name, text in (*around.items(), *flat(plain))}
        yield from _records(value[path[0]], path[1:], outer)


def _element(row: int, record: Any, around: Texts) -> Element:
    text = json.dumps(record, ensure_ascii=False)
    if not isinstance(record, dict):
        return Element(row, {}, "json", text)
    reason = "json" if _has_doubles(record) else None
    return Element(row, {**around, **dict(flat(record))}, reason, text)


def _has_doubles(value: Any) -> bool:
    if isinstance(value, _Pairs):
        return value.has_doubles or any(map(_has_doubles, value.values()))
    return isinstance(value, list) and any(map(_has_doubles, value))


class _Counter:
    """Counts records by brackets and keys, with a stack of where it is; it never makes a value."""

    def __init__(self, path: list[str], where: str) -> None:
        self.path, self.where = path, where
        # Of each open bracket: its kind, and how much of the path it is behind, None when beside.
        self.stack: list[tuple[str, int | None]] = []
        self.at: int | None = 0
        self.key = ""
        self.records, self.is_reached = 0, False

    def count(self, text: str) -> int:
        """Return how many values stand at the path, outside of lists."""
        for match in _TOKEN.finditer(text):
            self._take(match.group())
        if self.stack:
            raise malformed("JSON", self.where, "it is cut off")
        if not self.is_reached:
            path = ".".join(self.path)
            raise malformed("what records says", self.where, f"nothing stands at {path}")
        return self.records

    def _take(self, sign: str) -> None:
        if sign == ":":
            self.at = self._behind(self.stack[-1][1] if self.stack else None)
        elif sign == ",":
            self.at = self.stack[-1][1] if self.stack and self.stack[-1][0] == "[" else None
        elif sign in "[{":
            self._open(sign)
        else:
            if sign in "]}":
                self._close(sign)
            else:
                self._value(sign)
            self.at = None if self.stack else 0

    def _open(self, sign: str) -> None:
        is_there = self.at == len(self.path)
        self.is_reached |= is_there
        self.records += is_there and sign == "{"
        self.stack.append((sign, self.at))
        if len(self.stack) > _DEEPEST:
            raise malformed("JSON", self.where, "it is nested too deeply")
        self.at = self.at if sign == "[" else None

    def _close(self, sign: str) -> None:
        if not self.stack or self.stack.pop()[0] + sign not in ("[]", "{}"):
            raise malformed("JSON", self.where, f"a {sign} stands where none belongs")

    def _value(self, sign: str) -> None:
        self.key = _key(sign)
        is_there = self.at == len(self.path)
        self.is_reached |= is_there
        # A key whose value is null has no records; a null in a list is a broken one.
        is_absent = sign == "null" and self.path and self.stack[-1:] != [("[", self.at)]
        self.records += is_there and not is_absent

    def _behind(self, reached: int | None) -> int | None:
        """Return how much of the path the value of the key is behind."""
        if reached is None or reached == len(self.path) or self.key != self.path[reached]:
            return None
        return reached + 1


def _key(token: str) -> str:
    if not token.startswith('"'):
        return ""
    try:
        return str(json.loads(token)) if "\\" in token else token[1:-1]
    except ValueError:
        return ""


READER = ElementReader(count, walk, is_whole=True)
