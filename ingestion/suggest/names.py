"""What a column name of somebody else means, in the words of the contracts."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.own_yaml import read_yaml


@lru_cache(maxsize=1)
def load_words() -> dict[str, Any]:
    """Return words.yml."""
    text = Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
    words: dict[str, Any] = read_yaml(text)
    return words


def split_name(name: str) -> list[str]:
    """Return the tokens of a name: `FechaHora_Inicio (UTC)` is fecha, hora, inicio, utc."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return [one for one in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if one]


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return a name in the words of the contracts, in order, each word once."""
    tokens = split_name(name)
    joined = "".join(tokens)
    found: dict[str, None] = {}
    for token in [joined] if joined in load_words()["tokens"] else tokens:
        for word in _meaning(token).split():
            found.setdefault(word)
    return tuple(found)


def _meaning(token: str) -> str:
    """Return the words that a token stands for; of a compound, those of its two ends."""
    known = load_words()["tokens"]
    for one in (token, token.rstrip("s")):
        if one in known:
            return str(known[one])
    ends = [one for one in known if len(one) > 3 and len(token) > len(one) + 3]
    first = max((one for one in ends if token.startswith(one)), key=len, default="")
    last = max((one for one in ends if token.endswith(one)), key=len, default="")
    return " ".join(str(known[one]) for one in (first, last) if one) or token


@lru_cache(maxsize=1 << 17)
def likeness(name: str, column: str) -> float:
    """Return how well a name says what a contract column is, 0 to 1."""
    own = re.sub(r"_(at|on)$", "", column)
    phrases = (column, own, *load_words()["columns"].get(column, ()))
    mine = words_of(name)
    return max(_like(mine, words_of(phrase), no) for no, phrase in enumerate(phrases))


def _like(mine: tuple[str, ...], theirs: tuple[str, ...], rank: int) -> float:
    """Compare two names as sets of words; a phrase that stands later counts a little less."""
    if not mine or not theirs:
        return 0.0
    late = 0.01 * min(rank, 15)
    if set(mine) == set(theirs):
        return 1.0 - late
    common = set(mine) & set(theirs)
    if common:
        share = 2 * len(common) / (len(set(mine)) + len(set(theirs)))
        return 0.85 * share - late
    ratio = SequenceMatcher(None, "".join(mine), "".join(theirs)).ratio()
    return 0.7 * ratio if ratio > 0.8 else 0.0
