"""Presets: mappings for known formats, as data. tieout.toml names one and says what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigError
from ingestion.own_yaml import read_yaml

ANY_FEED = "*"
# Tables of a mapping, in which an operator's entry replaces the preset's entry of the same name.
_TABLES = ("columns", "code_lists", "checks")


@dataclass(frozen=True)
class Preset:
    """A mapping for one known format and feed; `mapping` is what may stand in [feeds.X].

    `asks` are the keys that the format does not tell and tieout.toml must, with what they mean.
    """

    preset: str
    feed: str
    title: str
    about: str
    mapping: Mapping[str, Any]
    asks: Mapping[str, str] = field(default_factory=dict)

    def fits(self, feed: str) -> bool:
        """Tell whether it fills a feed."""
        return self.feed in (feed, ANY_FEED)


@lru_cache(maxsize=1)
def load_presets() -> dict[str, Preset]:
    """Return every preset of the product by its name, which is that of its file."""
    presets = {}
    for path in sorted(Path(__file__).parent.glob("*.yml")):
        raw = read_yaml(path.read_text(encoding="utf-8"))
        presets[path.stem] = Preset(preset=path.stem, **raw)
    return presets


def with_preset(feed: str, spec: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return what [feeds.X] says on top of what its preset says.

    Raises:
        ConfigError: there is no such preset, or it fills another feed.
    """
    name = spec.get("preset")
    if not isinstance(name, str):
        return dict(spec)
    preset = load_presets().get(name)
    if preset is None or not preset.fits(feed):
        raise _unfit(name, preset, feed, where)
    merged = {**preset.mapping, **spec}
    for table in _TABLES:
        given = spec.get(table, {})
        if isinstance(given, Mapping) and table in preset.mapping:
            merged[table] = _over(preset.mapping[table], given)
    for key, meaning in preset.asks.items():
        if not _says(spec, key):
            raise ConfigError(
                f"preset {name!r} needs {key}: {meaning}",
                where=f"tieout.toml {where}",
                effect="nothing was read",
                fix=f"set {key} in {where}",
            )
    return merged


def _says(spec: Mapping[str, Any], key: str) -> bool:
    table, _, inner = key.rpartition(".")
    return inner in (spec.get(table, {}) if table else spec)


def _over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in given.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = {**merged[key], **value} if nested else value
    return merged


def _unfit(name: str, preset: Preset | None, feed: str, where: str) -> ConfigError:
    known = [one.preset for one in load_presets().values() if one.fits(feed)]
    near = get_close_matches(name, known, n=5, cutoff=0)
    what = f"fills {preset.feed}, not {feed}" if preset else "is not known"
    return ConfigError(
        f"preset {name!r} {what}",
        where=f"tieout.toml {where}",
        effect="nothing was read",
        fix=f"use one of {', '.join(near)}; `tieout feed show {feed}` lists them",
    )
