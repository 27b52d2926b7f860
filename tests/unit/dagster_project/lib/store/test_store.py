from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from dagster_project.lib import store as store_package
from dagster_project.lib.errors import UnreachableError
from dagster_project.lib.store import RunLog, SnapshotLog, open_store
from dagster_project.lib.store.engine import HEAD, read_revision
from dagster_project.lib.store.tables import metadata

AT = datetime(2026, 8, 1, 6)  # noqa: DTZ001 - the store keeps UTC without a zone
MONTHS = (date(2026, 5, 1), date(2026, 7, 1))


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_store(f"sqlite:///{tmp_path / 'store' / 'tieout.db'}")


def test_the_migrations_make_the_tables_that_the_code_knows(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_head_is_the_newest_migration(engine: sa.Engine) -> None:
    config = Config()
    folder = Path(store_package.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD == read_revision(engine)


def test_a_current_store_is_opened_without_alembic(engine: sa.Engine) -> None:
    program = (
        "import sys; from dagster_project.lib.store import open_store; "
        f"open_store({engine.url.render_as_string()!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[5],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_a_store_that_cannot_be_reached_keeps_its_password(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with pytest.raises(UnreachableError) as raised:
        open_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert raised.value.code == "TIE-5011"
    with pytest.raises(UnreachableError) as raised:
        open_store("postgresql://me:secret@localhost:1/none")
    assert "secret" not in raised.value.where


def test_a_run_that_was_cut_off_is_noted_by_the_next(engine: sa.Engine) -> None:
    log = RunLog(engine)
    log.start("r1", "run", MONTHS, AT)
    second = log.start("r1", "run", MONTHS, AT)
    log.finish(second, "done", AT, "abcd")
    newest, before = log.latest(5)
    assert (newest.status, newest.snapshot_id, before.status) == ("done", "abcd", "interrupted")
    assert newest.period_through == date(2026, 7, 1)


def test_snapshot_events_are_kept_in_order(engine: sa.Engine) -> None:
    log = SnapshotLog(engine)
    log.add("abcd", "published", AT, "r1")
    log.add("abcd", "rolled_back", AT)
    assert [(one.event, one.run_id) for one in log.all()] == [
        ("published", "r1"),
        ("rolled_back", None),
    ]
