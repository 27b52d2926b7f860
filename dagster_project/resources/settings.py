"""One place that reads the environment; everybody else is handed what it needs."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Literal, TextIO

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_FILE = "tieout.toml"
DEMO_MARKER = "DEMO.json"


def nearest_project(start: Path) -> Path | None:
    """The nearest folder, upward from `start`, that holds a tieout.toml."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    return None


class Settings(BaseSettings):
    """What an installation may set, each as TIEOUT_<NAME>.

    Attributes: home (all files), project (the folder of tieout.toml), engine, threads,
        memory_limit (of the engine, as `4GB`; empty: the engine's own), store_url,
        quarantine_group (whose members may read quarantined lines; empty: their owner only).
    """

    model_config = SettingsConfigDict(env_prefix="TIEOUT_", extra="ignore", frozen=True)

    home: Path | None = None
    project: Path | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    threads: int = min(4, os.cpu_count() or 1)
    memory_limit: str = ""
    store_url: str = ""
    quarantine_group: str = ""

    @field_validator("threads")
    @classmethod
    def _at_least_one_thread(cls, value: int) -> int:
        if value < 1:
            raise ValueError("must be 1 or more")
        return value

    def find_project(self, start: Path) -> Path | None:
        """The project folder: as set, else the nearest one upward, else the demo of this home."""
        if self.project:
            return self.project.resolve()
        found = nearest_project(start.resolve())
        if found:
            return found
        demo = self.find_home(start) / "demo"
        return demo if (demo / PROJECT_FILE).is_file() else None

    def find_home(self, start: Path) -> Path:
        """Where all files go: as set, else `.tieout` in the project, else `.tieout` here."""
        if self.home:
            return self.home.resolve()
        project = self.project or nearest_project(start.resolve())
        return (project or start).resolve() / ".tieout"

    def find_store_url(self, start: Path) -> str:
        """The control store: as set, else one SQLite file under home."""
        return self.store_url or f"sqlite:///{self.find_home(start) / 'store' / 'tieout.db'}"


def read_secret(name: str) -> str | None:
    """The variable that a mapping names as the place of a password; None when it is not set."""
    return os.environ.get(name)


def is_watched(stream: TextIO) -> bool:
    """Whether a person looks at a stream: a terminal, and not one that a build server pretends."""
    return stream.isatty() and os.environ.get("CI", "").lower() not in ("1", "true")


def user_name() -> str:
    """Who runs this program, as the machine names them."""
    return getpass.getuser()


def put_own_programs_on_path() -> None:
    """Let other packages find the programs of this environment (dagster-dbt looks for `dbt`)."""
    own = str(Path(sys.executable).parent)
    folders = os.environ.get("PATH", "").split(os.pathsep)
    if own not in folders:
        os.environ["PATH"] = os.pathsep.join([own, *folders])


def child_environment(**given: str) -> dict[str, str]:
    """The environment for a program that is started, with these settings said."""
    return {**os.environ, **given}
