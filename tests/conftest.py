"""What every test gets: no home, project or settings of the machine it runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy is no bug of ours.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test sees no TIEOUT_ setting but those it makes itself."""
    for name in [name for name in os.environ if name.startswith(("TIEOUT_", "DBT_TIEOUT_"))]:
        monkeypatch.delenv(name)
    yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that others made; the test is skipped where it is not mounted."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: this test needs data that is not part of the repository")
    return folder
