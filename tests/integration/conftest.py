"""One small simulated operator for all integration tests, and the command line to look at it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ("demo", "--size", "xs", "--seed", "1", "--no-ui")
MONTHS = ("--from", "2026-05", "--period", "2026-07")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Demo:
    """A demo that was run: where its files are, and what it said."""

    home: Path
    document: dict[str, Any]

    @property
    def project(self) -> Path:
        """The folder of its tieout.toml."""
        return self.home / "demo"


Tieout = Callable[..., Done]


def run_tieout(*arguments: object, cwd: Path) -> Done:
    """Run the command as a user does, in a process of its own."""
    words = [sys.executable, "-m", "dagster_project.cli", *map(str, arguments)]
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, env=environment(), check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """The environment of a user who has set nothing, with this checkout importable."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def published_bytes(home: Path) -> dict[str, bytes]:
    """Every file that the current snapshot publishes, but for the SQL kept beside it."""
    named = (home / "published" / "CURRENT").read_text().strip()
    return {path.name: path.read_bytes() for path in (home / "published" / named).glob("*.parquet")}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """`tieout demo --size xs --seed 1`, run once."""
    folder = tmp_path_factory.mktemp("demo")
    done = run_tieout("--home", folder / "home", *DEMO, "--json", cwd=folder)
    assert done.code == 0, done.err
    return Demo(folder / "home", done.document)


@pytest.fixture
def tieout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tieout:
    """Run a command in this process: reading commands need no other."""

    def call(*arguments: object, home: Path | None = None) -> Done:
        from dagster_project.cli import main

        # said and not searched for: somebody may have left a tieout.toml above the test's folder
        project = home / "demo" if home and (home / "demo").is_dir() else tmp_path
        places = ["--home", str(home or tmp_path / ".tieout"), "--project", str(project)]
        words = [*places, *map(str, arguments)]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["tieout", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        told = capsys.readouterr()
        return Done(int(ended.value.code or 0), told.out, told.err)

    return call
