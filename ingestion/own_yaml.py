"""Reads the YAML that ships with the product: contracts, presets, words."""

from __future__ import annotations

from typing import Any

import yaml

# Ten times as fast where libyaml is there, and as safe.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """Return what a YAML text holds: plain values, lists and mappings.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders make plain values only
