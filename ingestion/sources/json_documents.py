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
    return _Counter(layout.records.split(".") if layout.records else []).count(
        _text(blocks, where), where
    )


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
    """Counts records by tokens, with a stack of where it is; it never makes a value."""

    def __init__(self, path: list[str]) -> None:
        self.path = path

    def count(self, text: str, where: str) -> int:
        """Return how many values stand at the path, outside of lists."""
        records, depth, is_reached = 0, len(self.path), False
        # Of each open bracket: its kind, how much of the path it is behind, None when beside it.
        stack: list[tuple[str, int | None]] = []
        at: int | None = 0
        key = ""
        for match in _TOKEN.finditer(text):
            token = match.group()
            if token == ":":
                at = self._behind(key, stack[-1][1] if stack else None)
                continue
            if token == ",":
                at = stack[-1][1] if stack and stack[-1][0] == "[" else None
                continue
            if token in "]}":
                if not stack or stack.pop()[0] + token not in ("[]", "{}"):
                    raise malformed("JSON", where, f"a {token} too many at {match.start()}")
            elif token in "[{":
                is_reached |= at == depth
                records += token == "{" and at == depth
                stack.append((token, at))
                if len(stack) > _DEEPEST:
                    raise malformed("JSON", where, "it is nested too deeply")
                at = at if token == "[" else None
                continue
            else:
                key = _key(token)
                is_reached |= at == depth
                is_absent = token == "null" and depth and stack[-1:] != [("[", at)]
                records += at == depth and not is_absent
            at = None if stack else 0
        if stack:
            raise malformed("JSON", where, "it is cut off")
        if not is_reached:
            raise malformed("what records says", where, f"nothing stands at {'.'.join(self.path)}")
        return records

    def _behind(self, key: str, reached: int | None) -> int | None:
        """Return how much of the path the value of a key is behind."""
        is_next = reached is not None and reached < len(self.path) and key == self.path[reached]
        return reached + 1 if is_next and reached is not None else None

def _key(token: str) -> str:
    if not token.startswith('"'):
        return ""
    try:
        return str(json.loads(token)) if "\\" in token else token[1:-1]
    except ValueError:
        return ""


READER = ElementReader(count, walk)
