"""Disputes with partners and netting from the command line, reckoned by hand."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from ingestion.layout import Layout
from ingestion.sources import xlsx

from .conftest import Done, environment
from .wholesale_operator import Wholesale

OPEN = (
    "dispute",
    "open",
    "TWICE",
    "--period",
    "2026-07",
    "--by",
    "Ada",
    "--reason",
    "4 July twice",
)


def _operator() -> Wholesale:
    w = Wholesale()
    # 4 July stands on the statement twice: 1.50 measured, 2.40 declared
    w.partner("TWICE", dispute_days=20)
    w.rate("TWICE", "0.06")
    w.calls("TWICE", ("2026-07-03T10:00:00", 600), ("2026-07-04T10:00:00", 900),
            calling_number="4930111222333")  # fmt: skip
    lines = (("2026-07-03", 600, "0.60"), ("2026-07-04", 900, "0.90"), ("2026-07-04", 900, "0.90"))
    w.declares("TWICE", *lines)
    _total(w, "TWICE", "outgoing", 2400, "2.40", issued_on="2026-08-05", received_on="2026-08-09")
    # 0.60 of 1.50 declared, no day of issue: the statement came on 10 August
    w.partner("GAP", dispute_days=5)
    w.rate("GAP", "0.06")
    w.calls("GAP", ("2026-07-03T10:00:00", 600), ("2026-07-04T10:00:00", 900))
    w.declares("GAP", ("2026-07-03", 600, "0.60"))
    _total(w, "GAP", "outgoing", 600, "0.60", received_on="2026-08-10")
    _both_ways(w)
    return w


def _both_ways(w: Wholesale) -> None:
    """We are owed 10.00, of which the partner counts 9.00, and owe 5.00; transit is not netted."""
    w.partner("BOTH", netting_group="N1")
    w.rate("BOTH", "0.10")
    for direction, group in (("incoming", "N1"), ("transit", "")):
        name = f"BOTH_{direction}"
        w.agreement("BOTH", agreement_id=f"A-{name}", direction_code=direction, netting_group=group)
        w.rate(name, "0.10")
    w.calls("BOTH", ("2026-07-10T10:00:00", 3000))
    w.calls("BOTH", ("2026-07-10T10:00:00", 6000), direction_code="incoming")
    w.calls("BOTH", ("2026-07-10T10:00:00", 1200), direction_code="transit")
    w.declares("BOTH", ("2026-07-01", 3000, "5.00"))
    w.declares(
        "BOTH", ("2026-07-01", 5400, "9.00"), direction_code="incoming", statement_id="ST-IN"
    )


def _total(
    w: Wholesale, partner: str, direction: str, quantity: int, amount: str, **days: str
) -> None:
    w.add(
        "partner_statement_totals",
        statement_id=f"ST-{partner}-2026-07",
        partner_id=partner,
        direction_code=direction,
        statement_month="2026-07-01",
        total_quantity=quantity,
        total_amount=amount,
        currency_code="EUR",
        **days,
    )


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator above, June and July reconciled."""
    folder = tmp_path_factory.mktemp("disputes") / "operator"
    folder.mkdir()
    _operator().settle(folder)
    return folder


@pytest.fixture
def operator(settled: Path, tmp_path: Path) -> Path:
    """A copy of it, without any dispute."""
    return Path(shutil.copytree(settled, tmp_path / "operator"))


def settle(folder: Path, *words: str, code: int = 0) -> Done:
    """The command in this process, which is faster than in one of its own."""
    from dagster_project.cli import main

    out, err = io.StringIO(), io.StringIO()
    places = ("--home", str(folder / ".tieout"), "--project", str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["tieout", *places, "settle", *words])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    done = Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())
    assert done.code == code, done.err + done.out
    return done


def told(folder: Path, *words: str) -> dict[str, Any]:
    return settle(folder, *words, "--json").document


def opened(folder: Path, *more: str) -> dict[str, Any]:
    (one,) = told(folder, *OPEN, "--on", "2026-08-10", *more)["disputes"]
    return dict(one)


def moved(folder: Path, dispute_id: str, state: str, on: str, *more: str) -> dict[str, Any]:
    words = ("dispute", "move", dispute_id, state, "--by", "Bob", "--reason", "so", "--on", on)
    return told(folder, *words, *more)


def figures(found: dict[str, Any], names: Sequence[str]) -> list[Any]:
    return [found[name] for name in names]


def test_a_dispute_is_opened_once_with_its_amounts_and_deadline(operator: Path) -> None:
    first = opened(operator)
    amounts = [f"{name}_amount" for name in ("claimed", "difference", "disputed", "undisputed")]
    assert figures(first, amounts) == ["2.400000", "0.900000", "0.900000", "1.500000"]
    days = figures(first, ["stated_on", "dispute_until_on", "agreement_id", "version_no"])
    assert days == ["2026-08-05", "2026-08-25", "A-TWICE", 1]
    assert (first["state"], first["is_new"]) == ("detected", True)
    again = opened(operator, "--by", "Cleo")
    assert again == {**first, "is_new": False}
    assert "nothing new" in settle(operator, *OPEN, "--on", "2026-12-01").out
    (listed,) = told(operator, "dispute", "list", "--on", "2026-08-10")["disputes"]
    assert listed["dispute_id"] == first["dispute_id"]


def test_a_dispute_moves_only_where_it_may(operator: Path) -> None:
    dispute = opened(operator)["dispute_id"]
    words = ("dispute", "move", dispute, "arbitration", "--by", "Bob", "--reason", "now")
    refused = settle(operator, *words, "--on", "2026-08-11", code=3)
    assert "allowed from detected: notified, closed" in refused.err
    moved(operator, dispute, "notified", "2026-08-11")
    settle(operator, *words[:3], "agreed", *words[4:], "--on", "2026-08-12", code=2)
    agreed = moved(operator, dispute, "agreed", "2026-08-12", "--amount", "0.60")
    assert (agreed["agreed_amount"], agreed["note_type"]) == ("0.600000", "credit")
    assert agreed["moves"] == ["closed"]
    early = settle(operator, *words[:3], "closed", *words[4:], "--on", "2026-08-11", code=2)
    assert "2026-08-12" in early.err
    steps = told(operator, "dispute", "show", dispute)["steps"]
    assert [(one["state"], one["actor"], one["happened_on"]) for one in steps] == [
        ("detected", "Ada", "2026-08-10"),
        ("notified", "Bob", "2026-08-11"),
        ("agreed", "Bob", "2026-08-12"),
    ]
    assert "there is no dispute 'X'" in settle(operator, "dispute", "show", "X", code=2).err


def test_a_window_that_ended_unused_lapses_on_the_day_asked_about(operator: Path) -> None:
    dispute = opened(operator)["dispute_id"]
    show = ("dispute", "show", dispute, "--on")
    assert told(operator, *show, "2026-08-25")["state"] == "detected"
    lapsed = told(operator, *show, "2026-08-26")
    assert (lapsed["state"], lapsed["moves"]) == ("lapsed", [])
    words = ("dispute", "move", dispute, "notified", "--reason", "late", "--on", "2026-08-26")
    assert "lapsed is the end of it" in settle(operator, *words, code=3).err
    # received on 10 August, five days
    late = ("dispute", "open", "GAP", "--period", "2026-07", "--reason", "a day is missing", "--on")
    refused = settle(operator, *late, "2026-08-16", code=3)
    assert "ended on 2026-08-15" in refused.err
    (gap,) = told(operator, *late, "2026-08-15")["disputes"]
    # they ask 0.60 where we owe 1.50: that is paid, and a debit note may come
    names = ("disputed_amount", "undisputed_amount", "note_type")
    assert figures(gap, names) == ["-0.900000", "0.600000", "debit"]


def test_what_is_open_ages_from_the_statement(operator: Path) -> None:
    moved(operator, opened(operator)["dispute_id"], "notified", "2026-08-11")
    ages = {
        "2026-09-04": "0-30",
        "2026-09-05": "31-60",
        "2026-11-03": "61-90",
        "2026-11-04": "over 90",
    }
    for on, bucket in ages.items():
        (row,) = told(operator, "dispute", "list", "--on", on)["ageing"]
        assert (row["partner_id"], row["currency_code"]) == ("TWICE", "EUR")
        aged = {name: amount for name, amount in row.items() if amount not in ("0", "TWICE", "EUR")}
        assert aged == {bucket: "0.900000"}


def test_two_processes_open_one_dispute(operator: Path) -> None:
    words = [sys.executable, "-m", "dagster_project.cli", "settle", *OPEN, "--on", "2026-08-10"]
    both = [
        subprocess.Popen(
            [*words, "--json"], cwd=operator, env=environment(), stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [json.loads(one.communicate()[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(one["disputes"][0]["is_new"] for one in said) == [False, True]
    assert len({one["disputes"][0]["dispute_id"] for one in said}) == 1
    assert len(told(operator, "dispute", "list", "--on", "2026-08-10")["disputes"]) == 1


def test_what_is_not_disputed_and_months_that_are_none_are_refused(operator: Path) -> None:
    words = ("dispute", "open", "NOBODY", "--period", "2026-07", "--reason", "x")
    assert "nothing of NOBODY is disputed" in settle(operator, *words, code=3).err
    assert "a reason is needed" in settle(operator, *OPEN[:5], code=2).err


def positions(folder: Path, *words: str) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """Receivable, payable and net by partner and netting group, as of a day."""
    found = told(folder, "net", "--period", "2026-07", *words)["positions"]
    names = ("gross_receivable", "receivable", "gross_payable", "payable", "net")
    return {
        (one["partner_id"], one["netting_group"]): tuple(
            one[f"{name}_amount"].removesuffix("0000") for name in names
        )
        for one in found
    }


def test_only_what_is_agreed_is_netted_and_gross_stays(operator: Path) -> None:
    assert positions(operator, "BOTH", "--on", "2026-08-10") == {
        ("BOTH", "N1"): ("10.00", "9.00", "5.00", "5.00", "4.00"),
        ("BOTH", None): ("2.00", "2.00", "0.00", "0.00", "2.00"),
    }
    # 30 days after the end of July nobody may dispute it any more
    assert positions(operator, "BOTH", "--on", "2026-08-31")[("BOTH", "N1")][1] == "10.00"
    assert "(not netted: transit)" in settle(operator, "net", "--period", "2026-07").out


def test_a_dispute_is_held_back_until_its_note_is_agreed(operator: Path) -> None:
    key = ("TWICE", None)
    late = ("TWICE", "--on", "2026-09-30")
    assert positions(operator, "TWICE", "--on", "2026-08-25")[key][2:4] == ("2.40", "1.50")
    assert positions(operator, *late)[key][2:4] == ("2.40", "2.40")
    dispute = opened(operator)["dispute_id"]
    moved(operator, dispute, "notified", "2026-08-11")
    assert positions(operator, *late)[key][2:4] == ("2.40", "1.50")
    moved(operator, dispute, "agreed", "2026-08-12", "--amount", "0.60")
    assert positions(operator, *late)[key][2:] == ("2.40", "1.80", "-1.80")
    moved(operator, dispute, "closed", "2026-08-13")
    assert positions(operator, *late)[key][3] == "1.80"


def sheet(content: bytes, name: str) -> list[dict[str, Any]]:
    layout = Layout(sheet=name)
    return [dict(one.values) for one in xlsx.walk([content], "pack", layout)][1:]


def test_the_pack_is_the_same_whenever_it_is_written(operator: Path) -> None:
    dispute = opened(operator)["dispute_id"]
    write = ("dispute", "pack", dispute, "--to")
    files = {path.name: path.read_bytes() for path in _written(operator, write, "one")}
    assert set(files) == {f"dispute-{dispute}.xlsx", f"dispute-{dispute}.pdf"}
    # nothing of it is read again: neither the snapshot nor what was landed
    shutil.rmtree(operator / ".tieout" / "published")
    shutil.rmtree(operator / ".tieout" / "raw")
    assert {path.name: path.read_bytes() for path in _written(operator, write, "two")} == files
    moved(operator, dispute, "notified", "2026-08-11")
    third = {path.name: path.read_bytes() for path in _written(operator, write, "three")}
    assert all(third[name] != content for name, content in files.items())


def test_the_pack_holds_both_statements_the_clause_and_records(operator: Path) -> None:
    dispute = opened(operator)["dispute_id"]
    book, letter = _written(operator, ("dispute", "pack", dispute, "--to"), "pack")
    content = book.read_bytes()
    facts = {row["what"]: row["value"] for row in sheet(content, "Dispute")}
    assert figures(facts, ["claimed_amount", "undisputed_amount"]) == ["2.4", "1.5"]
    clause = {row["term"]: row.get("value") for row in sheet(content, "Clause")}
    assert figures(clause, ["agreement_id", "dispute_days"]) == ["A-TWICE", "20"]
    (ours,) = sheet(content, "Our statement")
    assert figures(ours, ["quantity", "line_amount"]) == ["1500", "1.5"]
    total = sheet(content, "Both statements")[0]
    assert figures(total, ["level_code", "declared_amount", "measured_amount"]) == [
        "total",
        "2.4",
        "1.5",
    ]
    (difference,) = sheet(content, "Differences")
    assert figures(difference, ["volume_amount", "disputed_amount"]) == ["0.9", "0.9"]
    days = [figures(row, ["event_on", "match_type"]) for row in sheet(content, "Days")]
    assert days == [["2026-07-03", "MATCHED"], ["2026-07-04", "MATCHED_WITH_DIFF"]]
    # the day that differs comes first; X-2 is the second record, on line 3 of the file
    names = ["interconnect_record_id", "source_file", "source_row", "calling_number"]
    records = [figures(row, names) for row in sheet(content, "Records")]
    assert records[0] == ["X-2", "interconnect_usage.csv", "3", "***********33"]
    assert [row[0] for row in records] == ["X-2", "X-1"]
    assert sheet(content, "Method")
    assert letter.read_bytes().startswith(b"%PDF-")


def _written(folder: Path, words: Sequence[str], name: str) -> list[Path]:
    files = told(folder, *words, str(folder / name))["files"]
    return [Path(file) for file in files]
