"""What was said before the command; alone here, for it is all that `tieout --help` loads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Options:
    """`tieout --home H --project P --quiet COMMAND`."""

    home: Path | None = None
    project: Path | None = None
    quiet: bool = False
