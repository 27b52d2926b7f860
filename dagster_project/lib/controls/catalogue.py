"""The control catalogue: the meta that stands in each control's yml, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def load_catalogue(folder: Path) -> list[dict[str, Any]]:
    """Every control below the folder, by id.

    Returns: control_id, title, question, area, owner_stage, owner, severity, tolerance,
        needs (feeds and feed.column), feeds, model.
    """
    found = []
    for path in sorted(folder.glob("**/*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            meta = model.get("config", {}).get("meta", {})
            if meta.get("control_id"):
                found.append({**meta, "feeds": _feeds(meta), "model": model["name"]})
    return sorted(found, key=lambda one: str(one["control_id"]))


def _feeds(meta: dict[str, Any]) -> list[str]:
    """The feeds alone: of `invoice_lines.net_amount` that feed, of `a|b` (one will do) both."""
    needs = (str(need).split(".")[0] for need in meta.get("needs", []))
    return sorted({feed for need in needs for feed in need.split("|")})
