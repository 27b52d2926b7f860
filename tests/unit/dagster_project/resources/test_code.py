from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.resources import code


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("dbt/models/a.sql", "dbt/target/b.sql", "ingestion/simulator/c.py", "docs/d.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(code, "ROOT", tmp_path)
    return tmp_path


def test_a_changed_model_is_another_revision(tree: Path) -> None:
    before = code.code_revision()
    assert before == code.code_revision()
    (tree / "dbt" / "models" / "a.sql").write_text("changed")
    assert code.code_revision() != before


@pytest.mark.parametrize("name", ["dbt/target/b.sql", "ingestion/simulator/c.py", "docs/d.md"])
def test_what_makes_no_figure_is_no_revision(tree: Path, name: str) -> None:
    before = code.code_revision()
    (tree / name).write_text("changed")
    assert code.code_revision() == before
