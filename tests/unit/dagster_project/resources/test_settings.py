from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from dagster_project.lib.errors import UsageError
from dagster_project.resources.settings import (
    Settings,
    is_watched,
    nearest_project,
    put_own_programs_on_path,
)
from dagster_project.resources.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tieout.toml").touch()
    (tmp_path / "sub" / "folder").mkdir(parents=True)
    return tmp_path


def test_the_project_is_the_nearest_folder_upward(project: Path) -> None:
    settings = Settings()
    assert settings.find_project(project / "sub" / "folder") == project
    assert settings.find_home(project / "sub") == project / ".tieout"
    assert settings.find_store_url(project).endswith("/.tieout/store/tieout.db")


def test_the_environment_comes_first(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TIEOUT_STORE_URL", "postgresql://db/tieout")
    settings = Settings()
    assert settings.find_home(project) == tmp_path / "elsewhere"
    assert settings.find_store_url(project) == "postgresql://db/tieout"


def test_without_a_project_the_demo_of_the_home_is_meant(tmp_path: Path) -> None:
    # somebody may have left a tieout.toml above the test's folder
    assert Settings().find_project(tmp_path) in (None, *tmp_path.parents)
    demo = tmp_path / ".tieout" / "demo"
    demo.mkdir(parents=True)
    (demo / "tieout.toml").touch()
    if nearest_project(tmp_path) is None:
        assert Settings().find_project(tmp_path) == demo
    assert Settings(project=demo).find_project(tmp_path) == demo


def test_no_project_is_told_with_its_fix(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        _ = Workspace(Settings(project=tmp_path), tmp_path).project_dir
    assert "tieout init" in raised.value.fix


@pytest.mark.parametrize(("name", "value"), [("ENGINE", "oracle"), ("THREADS", "0")])
def test_a_setting_that_cannot_be_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TIEOUT_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_programs_of_this_environment_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    put_own_programs_on_path()
    put_own_programs_on_path()
    assert len(os.environ["PATH"].split(os.pathsep)) == 2


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_build_server_is_nobody_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert is_watched(_Terminal())
    assert not is_watched(io.StringIO())
    monkeypatch.setenv("CI", "true")
    assert not is_watched(_Terminal())
