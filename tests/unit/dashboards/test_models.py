"""What the pages show, asked of a small snapshot without drawing anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import altair as alt
import pyarrow.parquet as pq
import pytest

from dagster_project.lib.snapshot import open_snapshot
from dashboards.data import Reader
from dashboards.parts import charts, explain, listing, overview, quality
from dashboards.parts.listing import Chosen
from dashboards.parts.overview import Scope
from dashboards.parts.theme import DARK
from tests.unit.dashboards.sample import JUNE, LOST, NUMBER, RATED, publish


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    home = tmp_path_factory.mktemp("home")
    publish(home)
    return Reader(open_snapshot(home))


@pytest.fixture
def bare(tmp_path: Path) -> Reader:
    publish(tmp_path, has_findings=False)
    return Reader(open_snapshot(tmp_path))


def test_the_overview_ties_and_keeps_currencies_apart(reader: Reader) -> None:
    euros = overview.build(reader, Scope(JUNE, None, "EUR"))
    assert euros.bridge.difference == 0
    assert (euros.bridge.expected, euros.bridge.billed) == (Decimal(1000), Decimal("1005.5"))
    assert euros.bridge.total("under") == Decimal("-1.5")
    assert euros.found["under_count"] == 1
    assert euros.found["outside_count"] == 30
    assert euros.unexplained == {"amount": 0, "row_count": 0}
    assert euros.checked == (2, 3)
    dollars = overview.build(reader, Scope(JUNE, None, "USD"))
    assert dollars.bridge.expected == 50
    assert [row["currency_code"] for row in dollars.top] == ["USD"]


def test_the_greatest_come_first_and_follow_the_stream(reader: Reader) -> None:
    rows = overview.build(reader, Scope(JUNE, None, "EUR")).top
    sums = [row["under_amount"] + row["over_amount"] for row in rows]
    assert len(rows) == overview.TOP and sums == sorted(sums, reverse=True)
    usage = overview.build(reader, Scope(None, "usage", "EUR")).top
    assert [row["finding_id"] for row in usage] == [RATED, LOST]


def test_the_heat_map_tells_clean_from_not_run(reader: Reader) -> None:
    cells = overview.build(reader, Scope(JUNE, None, "EUR")).cells
    states = {(cell.control_id, cell.event_on.day): cell.state for cell in cells}
    assert len(cells) == 3 * 30
    assert states["RAT-01", 11] == "found"
    assert states["RAT-01", 12] == "clean"
    assert states["USG-05", 11] == "not run"
    assert any(cell.leads_to("RAT-01", "2026-06-11") for cell in cells)
    assert not any(cell.leads_to("RAT-01", "2026-06-12") for cell in cells)


@pytest.mark.parametrize("by_amount", [True, False])
def test_the_pictures_say_in_words_what_they_say_in_colour(reader: Reader, by_amount: bool) -> None:
    model = overview.build(reader, Scope(JUNE, None, "EUR"))
    drawn = charts.bridge_chart(model.bridge.bars, "EUR", DARK)
    texts = [row["text"] for row in _values(drawn)]
    assert texts == ["1,000.00 EUR", "● 0.25", "▼ 1.50", "▲ 7.25", "1,005.50 EUR"]
    heat = charts.heat_chart(model.cells, "EUR", DARK, by_amount=by_amount)
    told = {row["told"] for row in _values(heat)}
    assert told == {
        "1 finding", "checked, nothing found", "NOT RUN: nothing delivered for rated_usage",
    }  # fmt: skip


def _values(chart: alt.LayerChart) -> list[dict[str, str]]:
    text = json.dumps(chart.to_dict())
    values: list[dict[str, str]] = json.loads(text)["data"]["values"]
    return values


@pytest.mark.parametrize(
    ("chosen", "count"),
    [(Chosen(), 34), (Chosen(month=JUNE), 33), (Chosen(account="AL"), 1),
     (Chosen(control="RAT-01"), 2),
     (Chosen(day=date(2026, 6, 11)), 1), (Chosen(account="B1"), 11), (Chosen(severity="S4"), 1),
     (Chosen(category="RC_MISSING", control="RAT-01"), 0), (Chosen(account="' or 1=1 --"), 0)],
)  # fmt: skip
def test_filters_are_values_and_not_text(reader: Reader, chosen: Chosen, count: int) -> None:
    found = listing.build(reader, chosen)
    assert found.finding_count == len(found.rows) == count
    assert found.in_all == 34


def test_totals_are_per_currency(reader: Reader) -> None:
    told = listing.sentence(listing.build(reader, Chosen(control="RAT-01")))
    assert told == (
        "**2 of 34 findings**: 1.50 EUR under-billed, 0.00 EUR over-billed; "
        "0.00 USD under-billed, 7.00 USD over-billed"
    )


def test_what_a_partner_was_paid_too_much_is_told(reader: Reader) -> None:
    model = listing.build(reader, Chosen(control="PAR-02"))
    assert listing.sentence(model) == (
        "**1 of 34 findings**: 0.00 EUR under-billed, 0.00 EUR over-billed, 3.25 EUR overpaid"
    )


def test_exports_say_where_they_are_from(reader: Reader, tmp_path: Path) -> None:
    table, head = listing.export(reader, Chosen(control="RAT-01", month=JUNE))
    assert head["snapshot_id"] == reader.snapshot_id
    assert head["row_count"] == "2"
    assert head["filters"] == "month=2026-06-01, control=RAT-01"
    assert head["control_total"] == (
        "EUR under 1.500000 over 0.000000 cost 0.000000; "
        "USD under 0.000000 over 7.000000 cost 0.000000"
    )
    lines = listing.to_csv(table, head).decode().splitlines()
    assert lines[: len(head)] == [f"# {name}: {value}" for name, value in head.items()]
    assert len(lines) == len(head) + 1 + 2
    assert "1.500000" in lines[-1] + lines[-2]
    path = tmp_path / "findings.parquet"
    path.write_bytes(listing.to_parquet(table, head))
    read = pq.read_table(path)
    assert read.schema.metadata[b"tieout.row_count"] == b"2"
    assert read.equals(table)


def test_exports_are_masked(reader: Reader) -> None:
    assert NUMBER not in listing.to_csv(*listing.export(reader, Chosen())).decode()


def test_a_finding_is_explained_and_masked(reader: Reader) -> None:
    model = explain.build(reader, RATED[:12])
    assert model is not None
    assert model.about == "•••848|PLAN"
    assert model.price == {"price_amount": "0.14", "source_file": "prices.csv", "source_row": "3"}
    assert [field.state for field in model.fields] == [
        "same", "differs", "only left", "only right",
    ]  # fmt: skip
    assert model.control_sql == "select 1 as rated"
    assert [row["finding_count"] for row in model.family] == [1]
    assert NUMBER not in repr((model.about, model.steps, model.fields, model.price))


def test_a_published_row_comes_back_by_its_sql(reader: Reader) -> None:
    model = explain.build(reader, RATED)
    assert model is not None
    home = reader.snapshot.folder.parents[1]
    sql = model.row_sql.replace("'published/", f"'{home}/published/")
    assert [row["finding_id"] for row in reader.snapshot.rows(sql)] == [RATED]


def test_a_finding_without_details_is_shown_all_the_same(reader: Reader) -> None:
    model = explain.build(reader, LOST)
    assert model is not None
    assert (model.steps, model.fields, model.price, model.control_sql) == ([], [], {}, "")


@pytest.mark.parametrize("finding_id", ["", "f" * 32, "0"])
def test_no_single_finding_is_none(reader: Reader, finding_id: str) -> None:
    assert explain.build(reader, finding_id) is None


def test_a_snapshot_without_findings(bare: Reader) -> None:
    model = overview.build(bare, Scope(JUNE, None, "EUR"))
    assert model.bridge.difference == 0 and len(model.bridge.bars) == 2
    assert model.top == [] and {cell.state for cell in model.cells} == {"clean", "not run"}
    assert listing.build(bare, Chosen()).finding_count == 0
    assert listing.to_csv(*listing.export(bare, Chosen()))


def test_the_state_of_the_data(reader: Reader, bare: Reader) -> None:
    state = quality.state_of(reader, JUNE)
    assert (state.check_count, state.success_count) == (2, 1)
    assert not state.is_sound and quality.state_of(bare, JUNE).is_sound
    assert [row["reason"] for row in state.not_run] == ["nothing delivered for rated_usage"]
    model = quality.build(reader, None, "no such feed")
    assert model.file_list == [] and len(model.failed) == 1 and len(model.runs) == 5


def test_links_stay_on_their_snapshot(reader: Reader) -> None:
    from dashboards import data

    linked: Callable[..., dict[str, str]] = data.link
    assert linked(reader, id="x") == {"id": "x", "snapshot": reader.snapshot_id}
