# ruff: noqa: DTZ001 - raw timestamps are UTC without saying so

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.databases import text_of
from tests.unit.ingestion.landing import Landing

ORDERS = """
[feeds.invoices]
format = "table"
url = "sqlite:///billing.db"
table = "invoices"
order_by = ["invoice_id"]
[feeds.invoices.columns]
net_amount = "net_cents::DECIMAL(18,0) * 0.01"
"""


def database(landing: Landing, *rows: tuple[object, ...]) -> None:
    with sqlite3.connect(landing.folder / "billing.db") as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS invoices (invoice_id TEXT, account_id TEXT,"
            " invoiced_on DATE, net_cents INTEGER, tax_amount TEXT, total_amount REAL,"
            " currency_code TEXT)"
        )
        connection.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = Landing(tmp_path / "p", ORDERS)
    database(
        landing,
        ("I2", "A1", "2026-07-31", 200, "0.38", 2.38, "EUR"),
        ("I1", "A1", "2026-07-31", 100, "0.190000000000000000", 1.19, "EUR"),
        ("I3", None, "2026-07-31", 100, "0.19", 1.19, "EUR"),
    )
    return landing


def test_a_table_is_extracted_in_order_and_takes_the_road_of_files(landing: Landing) -> None:
    landing.ingest()
    assert landing.rows(
        "invoice_id, net_amount, tax_amount, total_amount, _source_file, _source_row",
        "billing__invoices",
    ) == [
        ("I1", Decimal("1.000000"), Decimal("0.190000"), Decimal("1.190000"), "table:invoices", 1),
        ("I2", Decimal("2.000000"), Decimal("0.380000"), Decimal("2.380000"), "table:invoices", 2),
    ]
    assert landing.rows("source_row, column_name", "tieout__quarantined_rows") == [
        (3, "account_id")
    ]
    extract = landing.home / "landing_extracts" / "invoices" / "invoices.jsonl"
    assert extract.read_text(encoding="utf-8").splitlines()[0] == (
        '{"invoice_id": "I1", "account_id": "A1", "invoiced_on": "2026-07-31",'
        ' "net_cents": "100", "tax_amount": "0.190000000000000000", "total_amount": "1.19",'
        ' "currency_code": "EUR"}'
    )


def test_a_table_that_did_not_change_is_not_loaded_again(landing: Landing) -> None:
    landing.ingest()
    before = landing.parts()
    assert landing.ingest().files == ()
    assert landing.parts() == before


def test_a_table_that_changed_replaces_its_rows(landing: Landing) -> None:
    landing.ingest()
    database(landing, ("I0", "A1", "2026-07-31", 1, "0", 0.01, "EUR"))
    report = landing.ingest()
    assert [file.status for file in report.files] == ["loaded"]
    assert [row[0] for row in landing.rows("invoice_id", "billing__invoices")] == ["I0", "I1", "I2"]


def test_a_query_in_place_of_a_table(landing: Landing) -> None:
    landing.configure(
        ORDERS.replace(
            'table = "invoices"', "query = \"SELECT * FROM invoices WHERE invoice_id > 'I1'\""
        )
    )
    landing.ingest()
    assert [row[0] for row in landing.rows("invoice_id", "billing__invoices")] == ["I2"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("billing.db", "nothing.db", "there is no database nothing.db"),
        ('table = "invoices"', 'table = "bills"', "no such table: bills"),
        ('"invoice_id"]', '"number"]', "no such column: number"),
    ],
)
def test_what_cannot_be_read_is_told(landing: Landing, old: str, new: str, what: str) -> None:
    landing.configure(ORDERS.replace(old, new))
    (message,) = landing.ingest().unreachable
    assert (message.code, what in message.what) == ("TIE-5001", True), message.text()
    assert not (landing.folder / "nothing.db").exists()


def test_no_password_is_told(landing: Landing) -> None:
    url = "nonesuch+driver://ra:secret@localhost:1/x"
    landing.configure(ORDERS.replace("sqlite:///billing.db", url))
    (message,) = landing.ingest().unreachable
    assert "secret" not in message.text()
    assert "nonesuch" in message.text()


def test_values_are_written_as_exact_texts() -> None:
    values: list[object] = [None, "a", True, 7, 0.1, 1e-7, Decimal("1E+2"), date(2026, 7, 1)]
    values += [datetime(2026, 7, 1, 10, 0, 0, 5), b"x"]
    assert [text_of(value) for value in values] == [
        None,
        "a",
        "true",
        "7",
        "0.1",
        "0.0000001",
        "100",
        "2026-07-01",
        "2026-07-01 10:00:00.000005",
        "b'x'",
    ]
