"""A project with network usage as CSV."""

from pathlib import Path

import pytest

from tests.unit.ingestion.landing import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "project")
