"""Opens the control store at its newest revision.

Alembic costs half a second to import, so it is loaded only when the stored revision is not `HEAD`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dagster_project.lib.errors import UnreachableError

HEAD = "0007"
BUSY_SECONDS = 30


def open_store(url: str) -> sa.Engine:
    """An engine on the control store, created or migrated when it has to be.

    Raises: UnreachableError, naming the store without its password.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        engine = sa.create_engine(parsed, **_options(parsed))
        if read_revision(engine) != HEAD:
            upgrade(engine)
    except (SQLAlchemyError, ImportError) as error:
        raise UnreachableError(
            "TIE-5011",
            "the control store cannot be opened",
            where=f"{parsed.render_as_string(hide_password=True)}: {_first_line(error)}",
            effect="runs and snapshots cannot be recorded, so nothing was started",
            fix="check TIEOUT_STORE_URL and that the database accepts connections",
        ) from error
    return engine


def read_revision(engine: sa.Engine) -> str | None:
    """The revision the store is at; None for a new one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("select version_num from alembic_version")).scalar()


def upgrade(engine: sa.Engine) -> None:
    """Bring the store to `HEAD` by the migrations of this package."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _options(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"pool_pre_ping": True}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
