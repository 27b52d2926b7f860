"""Projects that tests of ingestion fill with files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.ingestion.landing import Landing
from tests.unit.ingestion.rates import RATES


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A project with network usage as CSV."""
    return Landing(tmp_path / "project")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Landing]:
    """Makes a project with exchange rates, their options, and one file, and ingests it."""

    def made(options: str, content: str | bytes, name: str = "rates.txt") -> Landing:
        landing = Landing(tmp_path, RATES + options)
        landing.put(name, content)
        landing.ingest(threads=1)
        return landing

    return made
