"""The whole walk of a bill run by the command line: draft, review, issue, credit, bill again."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.unit.dagster_project.lib.billing.documents import judge

from .billing_operator import CALL_HEADER, make_operator, tieout

ENDINGS = ("json", "pdf", "ubl.xml")
LATE = "E,491700000001,voice,originating,49301,2026-07-11 10:00:00,300,second\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator of `billing_operator`; the tests of this file follow one another in it."""
    folder = tmp_path_factory.mktemp("bill") / "operator"
    make_operator(folder)
    return folder


def document(folder: Path, *words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tieout(folder, *words, "--json").out)
    return found


@pytest.fixture(scope="module")
def draft(folder: Path) -> dict[str, Any]:
    return document(folder, "bill", "--period", "2026-07", "--by", "Ada")


@pytest.fixture(scope="module")
def issued(folder: Path, draft: dict[str, Any]) -> dict[str, Any]:
    """The draft reviewed by Bob and issued by Cleo, with the gate in between."""
    run = draft["bill_run_id"]
    for words, code, said in (
        (("review", run, "--by", "Ada"), 2, "Ada drafted this bill run"),
        (("issue", run, "--by", "Bob"), 3, "a bill run that is draft cannot be issued"),
        (("review", run, "--by", "Bob"), 0, ""),
        (("issue", run, "--by", "Ada"), 2, "Ada drafted this bill run"),
        (("issue", run, "--by", "Cleo"), 3, "the gate of this bill run has 1 open points"),
        (("accept", run, "left_out", "--by", "Bob"), 2, "a reason is needed"),
        (("accept", run, "left_out", "--by", "Bob", "--reason", "no price yet"), 0, ""),
    ):
        assert said in tieout(folder, "bill", *words, code=code).err
    return document(folder, "bill", "issue", run, "--by", "Cleo", "--on", "2026-08-03")


def test_a_draft_holds_what_the_models_expect(draft: dict[str, Any]) -> None:
    [total] = draft["totals"]
    assert (total["invoice_count"], total["net_amount"]) == (2, "41.000000")
    assert (total["tax_amount"], total["total_amount"]) == ("7.790000", "48.790000")
    assert draft["status"] == "draft" and draft["issued_count"] == 0
    assert [row["account_id"] for row in draft["left_out"]] == ["A3"]
    assert {one["kind"]: one["is_open"] for one in draft["gate"]} == {"left_out": True}


def test_the_journal_balances(draft: dict[str, Any]) -> None:
    entries = {
        (row["entry_type"], row["gl_account_id"]): (row["debit_amount"], row["credit_amount"])
        for row in draft["journal"]
    }
    assert entries == {
        ("receivable", ""): ("48.790000", "0.000000"),
        ("revenue", "4000"): ("0.000000", "40.000000"),
        ("revenue", "4100"): ("0.000000", "1.000000"),
        ("tax_payable", ""): ("0.000000", "7.790000"),
    }


def test_who_did_what_is_kept(issued: dict[str, Any]) -> None:
    assert issued["status"] == "issued" and issued["issued_count"] == 2
    assert [(one["event"], one["actor"]) for one in issued["events"]] == [
        ("drafted", "Ada"),
        ("reviewed", "Bob"),
        ("accepted", "Bob"),
        ("issuing", "Cleo"),
        ("issued", "Cleo"),
    ]


def test_what_was_issued_lies_in_raw(folder: Path, issued: dict[str, Any]) -> None:
    raw = folder / ".tieout" / "raw"
    invoices = pq.read_table(raw / "tieout__issued_invoices").to_pylist()
    assert [
        (one["invoice_number"], one["account_id"], one["total_amount"]) for one in invoices
    ] == [
        ("NORTH-2026-000001", "A1", Decimal("24.99")),
        ("NORTH-2026-000002", "A2", Decimal("23.80")),
    ]
    assert str(invoices[0]["due_on"]) == "2026-09-02"
    lines = pq.read_table(raw / "tieout__issued_invoice_lines").to_pylist()
    assert [(one["invoice_number"][-1], one["line_type"], one["line_amount"]) for one in lines] == [
        ("1", "recurring", Decimal(20)),
        ("1", "usage", Decimal(1)),
        ("2", "recurring", Decimal(20)),
    ]


def test_an_invoice_is_shown_and_written(folder: Path, issued: dict[str, Any]) -> None:
    run, number = issued["bill_run_id"], "NORTH-2026-000001"
    told = tieout(folder, "invoice", number).out
    assert "20.000000 a month, 31 of 31 days = 20.000000" in told and "total 24.99 EUR" in told
    stored = document(folder, "invoice", number)
    assert (stored["net_amount"], stored["lines"][1]["line_amount"]) == ("21.000000", "1.000000")
    assert (
        "<cbc:ID>NORTH-2026-000001</cbc:ID>"
        in tieout(folder, "invoice", number, "--format", "ubl").out
    )
    # 3 August and the 30 days of the account, not the 14 of the company
    einvoice = tieout(folder, "invoice", number, "--format", "ubl").out
    for text in (
        "<cbc:DueDate>2026-09-02<",
        "<cbc:PaymentMeansCode>59<",
        "<cbc:ID>M-1<",
        "<cbc:ID>DE02700100800030876808<",
        '<cbc:ID schemeID="SEPA">DE98ZZZ09999999999<',
        "<cbc:Note>Payable without deduction.<",
    ):
        assert text in einvoice, text
    tieout(folder, "invoice", number, "--format", "pdf", "--out", "one.pdf")
    assert (folder / "one.pdf").read_bytes().startswith(b"%PDF")
    written = document(folder, "bill", "documents", run, "--format", "pdf,ubl,json")
    assert (written["invoice_count"], written["failures"]) == (2, [])
    names = sorted(path.name for path in Path(written["folder"]).iterdir())
    assert names == [f"NORTH-2026-00000{no}.{end}" for no in "12" for end in ENDINGS]
    assert (folder / "one.pdf").read_bytes() == (Path(written["folder"]) / names[1]).read_bytes()
    assert "no invoice 'X'" in tieout(folder, "invoice", "X", code=2).err


def test_a_line_is_explained_from_its_events_and_their_source_lines(
    folder: Path, issued: dict[str, Any]
) -> None:
    told = tieout(folder, "explain", "NORTH-2026-000001:2").out
    for said in ("price row  P1", "amount     1.00 EUR", "event      D at 2026-07-10 10:00:00 UTC"):
        assert said in told, told
    assert "(network.csv:2)" in told and "charged 600.000 x 0.100000 per 60.000 (P1)" in told
    one = document(folder, "explain", "NORTH-2026-000001:2")
    assert [event["charge_amount"] for event in one["events"]] == [one["line"]["line_amount"]]
    tieout(folder, "run", "--period", "2026-07")
    expected = tieout(folder, "explain", one["line"]["expected_line_key"]).out
    assert "amount     1.00 EUR" in expected and "invoice " not in expected
    assert "has no line 9" in tieout(folder, "explain", "NORTH-2026-000001:9", code=3).err
    assert "no expected charge A1|x" in tieout(folder, "explain", "A1|x", code=3).err


def test_billing_the_month_again_bills_nothing(folder: Path, issued: dict[str, Any]) -> None:
    again = document(folder, "bill", "--period", "2026-07", "--by", "Ada")
    assert (again["status"], again["live_count"]) == ("nothing to bill", 2)
    assert [row["account_id"] for row in again["left_out"]] == ["A3"]
    assert document(folder, "bill", "issue", issued["bill_run_id"], "--by", "Bob") == issued


def test_a_credit_note_and_a_new_bill_correct_an_invoice(
    folder: Path, issued: dict[str, Any]
) -> None:
    """Five minutes more came late: A1's July is 1.50 of calls, 21.50 net, 4.09 tax (4.085)."""
    number = "NORTH-2026-000001"
    words = ("bill", "credit", number, "--by", "Bob", "--reason", "calls were missing")
    credit = document(folder, *words)["credit_note_number"]
    assert credit == "NORTH-2026-000003"
    assert "credited before" in tieout(folder, *words, code=3).err
    (folder / "landing" / "network_2.csv").write_text(CALL_HEADER + LATE)
    rebill = document(folder, "bill", "--period", "2026-07", "--account", "A1", "--by", "Ada")
    run = rebill["bill_run_id"]
    assert rebill["totals"][0]["total_amount"] == "25.590000"
    tieout(folder, "bill", "review", run, "--by", "Bob")
    tieout(folder, "bill", "issue", run, "--by", "Cleo")
    sums = pq.read_table(folder / ".tieout" / "raw" / "tieout__issued_invoices").to_pylist()
    mine = [one["total_amount"] for one in sums if one["account_id"] == "A1"]
    assert mine == [Decimal("24.99"), Decimal("-24.99"), Decimal("25.59")]
    entries = document(folder, "bill", "journal", credit)["entries"]
    assert {row["entry_type"]: row["credit_amount"] for row in entries}["receivable"] == "24.990000"
    assert document(folder, "bill", "journal", run)["entries"] == rebill["journal"]


def test_usage_that_comes_late_is_on_the_next_bill(folder: Path, issued: dict[str, Any]) -> None:
    """A2 called 300 s in July, told after July was issued: 0.50 on the bill of August."""
    call = LATE.replace("E,491700000001", "F,491700000002")
    (folder / "landing" / "network_3.csv").write_text(CALL_HEADER + call)
    august = document(folder, "bill", "--period", "2026-08", "--account", "A2", "--by", "Ada")
    assert august["totals"][0]["net_amount"] == "20.500000"
    lines = {(row["line_type"], row["is_late"]): row["line_amount"] for row in august["lines"]}
    assert lines == {("recurring", False): "20.000000", ("usage", True): "0.500000"}


def test_a_part_of_a_line_is_credited_and_the_invoice_stands(
    folder: Path, issued: dict[str, Any]
) -> None:
    """Of A2's fee of 20.00 for July 5.00 go back, with 5/20 of its tax of 3.80."""
    words = ("bill", "credit", "NORTH-2026-000002", "--by", "Bob", "--reason", "outage")
    assert "an amount needs a line" in tieout(folder, *words, "--amount", "5", code=2).err
    told = tieout(folder, *words, "--line", "1", "--amount", "20.01", code=3).err
    assert "at most 20.00 EUR before tax" in told
    credit = document(folder, *words, "--line", "1", "--amount", "5.00")
    assert (credit["net_amount"], credit["tax_amount"]) == ("5.000000", "0.950000")
    number = credit["credit_note_number"]
    assert document(folder, "invoice", "NORTH-2026-000002")["credited_by"] == [number]
    einvoice = tieout(folder, "invoice", number, "--format", "ubl").out
    assert "<cbc:CreditNoteTypeCode>381<" in einvoice
    assert '<cbc:PayableAmount currencyID="EUR">5.95<' in einvoice
    assert judge.schema_errors(einvoice.encode()) == []
    assert judge.broken_rules(einvoice.encode()) == {}
    tieout(folder, "invoice", number, "--format", "pdf", "--out", "part.pdf")
    entries = document(folder, "bill", "journal", number)["entries"]
    assert {row["entry_type"]: row["credit_amount"] for row in entries}["receivable"] == "5.950000"
    again = document(folder, "bill", "--period", "2026-07", "--account", "A2", "--by", "Ada")
    # A1's new invoice and A2's
    assert (again["status"], again["live_count"]) == ("nothing to bill", 2)


def test_a_cancelled_draft_is_drafted_anew_under_another_id(tmp_path: Path) -> None:
    make_operator(tmp_path / "o")
    first = document(tmp_path / "o", "bill", "--period", "2026-07", "--cycle", "15", "--by", "Ada")
    run = first["bill_run_id"]
    assert first["invoice_count"] == 1
    same = document(tmp_path / "o", "bill", "--period", "2026-07", "--cycle", "15", "--by", "Eve")
    assert same["bill_run_id"] == run and same["drafted_by"] == "Ada"
    tieout(tmp_path / "o", "bill", "cancel", run, "--by", "Ada", "--reason", "wrong cycle")
    assert (
        "that is cancelled"
        in tieout(tmp_path / "o", "bill", "review", run, "--by", "B", code=3).err
    )
    anew = document(tmp_path / "o", "bill", "--period", "2026-07", "--cycle", "15", "--by", "Ada")
    assert anew["bill_run_id"] != run and anew["content_hash"] == first["content_hash"]
    listed = document(tmp_path / "o", "bill", "status")["bill_runs"]
    assert sorted(one["status"] for one in listed) == ["cancelled", "draft"]


def test_wrong_words_are_told(tmp_path: Path) -> None:
    make_operator(tmp_path / "o")
    assert "a bill run needs a month" in tieout(tmp_path / "o", "bill", "--by", "A", code=2).err
    assert "no bill run 'X'" in tieout(tmp_path / "o", "bill", "status", "X", code=2).err
