"""Own and declared statements of partners, reckoned by hand: a partner for each case."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.lib.snapshot import Snapshot

from .conftest import run_tieout
from .small_operator import tuples
from .wholesale_operator import Wholesale

D = Decimal
PARTS = (
    "volume_amount, price_amount, mix_amount, timing_amount, fx_amount, rounding_amount, tax_amount"
)


def _tiers(operator: Wholesale, name: str, prices: dict[int, str], **agreement: object) -> None:
    operator.partner(name, **agreement)
    for since, price in prices.items():
        operator.rate(name, price, since)


def _operator() -> Wholesale:
    w = Wholesale()
    for name in ("CLOCK", "EDGE", "GAP_DAY", "TWICE", "RETURNED"):
        _tiers(w, name, {0: "0.06"})
    # Moscow's clock is an hour ahead of Berlin's: what begins after 23:00 is of the next day there.
    w.calls("CLOCK", ("2026-07-05T21:30:00", 600), ("2026-07-10T10:00:00", 1200))
    w.declares("CLOCK", ("2026-07-06", 600, "0.60"), ("2026-07-10", 1200, "1.20"))
    w.calls(
        "EDGE",
        ("2026-07-10T10:00:00", 1200),
        ("2026-07-12T10:00:00", 1200),
        ("2026-07-31T21:30:00", 300),
    )
    w.declares("EDGE", ("2026-07-10", 1200, "1.20"), ("2026-07-12", 1200, "1.20"))
    w.calls("GAP_DAY", ("2026-07-03T10:00:00", 600), ("2026-07-04T10:00:00", 900))
    w.declares("GAP_DAY", ("2026-07-03", 600, "0.60"))
    w.calls("TWICE", ("2026-07-03T10:00:00", 600), ("2026-07-04T10:00:00", 900))
    w.declares(
        "TWICE",
        ("2026-07-03", 600, "0.60"),
        ("2026-07-04", 900, "0.90"),
        ("2026-07-04", 900, "0.90"),
    )
    _rounding(w)
    _ported(w)
    _prices(w)
    _terms(w)
    return w


def _rounding(w: Wholesale) -> None:
    # 7 s at 0.06 a minute are 0.007: three are 0.021, by month 0.02, call by call 0.03
    for name, scope in (("BY_MONTH", "month"), ("BY_CALL", "event")):
        _tiers(w, name, {0: "0.06"}, rounding_scope=scope, rounding_digits=2)
        w.calls(name, *[(f"2026-07-0{day}T10:00:00", 7) for day in (2, 3, 4)])
    w.declares(
        "BY_MONTH",
        ("2026-07-01", 21, "0.03"),
        event_count=3,
        unit_price_amount="0.06",
        unit_quantity=60,
    )
    w.declares("BY_CALL", ("2026-07-01", 21, "0.03"))


def _ported(w: Wholesale) -> None:
    w.partner("PORTED")
    w.rate("PORTED", "0.01", band_code="FIX")
    w.rate("PORTED", "0.05", band_code="MOBILE")
    for prefix, band in (("33", "FIX"), ("336", "MOBILE"), ("3399", "FIX")):
        w.add(
            "partner_destinations",
            partner_id="PORTED",
            prefix=prefix,
            band_code=band,
            valid_from_on="2026-01-01",
        )
    w.calls(
        "PORTED",
        ("2026-07-08T10:00:00", 600),
        called_number="33612345678",
        routing_number="33991234567",
    )
    w.declares("PORTED", ("2026-07-01", 600, "0.50"), band_code="MOBILE")


def _prices(w: Wholesale) -> None:
    _tiers(w, "SLICE", {0: "0.10", 60000: "0.05"})
    w.calls("SLICE", ("2026-07-03T10:00:00", 50000), ("2026-07-20T10:00:00", 20000))
    w.declares("SLICE", ("2026-07-01", 70000, "116.666667"))
    _tiers(
        w,
        "RETRO",
        {0: "0.10", 60000: "0.05"},
        tier_scheme="retroactive",
        counter_start_on="2026-06-01",
        counter_months=3,
    )
    w.calls("RETRO", ("2026-06-10T10:00:00", 40000), ("2026-07-10T10:00:00", 30000))
    w.declares("RETRO", ("2026-07-01", 30000, "50.00"))
    _tiers(w, "SWAP", {0: "0.05", 100000: "0.02"}, tier_scheme="retroactive")
    w.calls("SWAP", ("2026-07-10T10:00:00", 99960))
    w.declares("SWAP", ("2026-07-01", 99960, "33.32"))


def _terms(w: Wholesale) -> None:
    w.partner("MIDNIGHT", valid_to_on="2026-07-15")
    w.agreement("MIDNIGHT", version_no=2, valid_from_on="2026-07-15")
    w.rate("MIDNIGHT", "0.10")
    w.rate("MIDNIGHT", "0.20", version_no=2)
    w.calls("MIDNIGHT", ("2026-07-14T21:59:59", 60), ("2026-07-14T22:00:00", 60))
    _tiers(w, "SEND_OR_PAY", {0: "0.10"}, commitment_amount="100", is_send_or_pay="true")
    w.calls("SEND_OR_PAY", ("2026-07-10T10:00:00", 600))
    w.partner(
        "SDR",
        currency_code="XDR",
        settlement_currency_code="EUR",
        fx_rate_type="sdr",
        tax_ratio="0.19",
    )
    w.rate("SDR", "0.10", currency_code="XDR")
    w.calls("SDR", ("2026-07-10T10:00:00", 60000))
    w.declares("SDR", ("2026-07-01", 60000, "121.00"), fx_rate="1.21", tax_amount="22.99")
    for day, rate in (("2026-07-15", "1.21"), ("2026-07-31", "1.20")):
        w.add(
            "fx_rates",
            from_currency_code="XDR",
            to_currency_code="EUR",
            rate_on=day,
            rate_type="sdr",
            rate=rate,
        )
    _tiers(w, "STEPS", {})
    w.rate(
        "STEPS", "0.60", first_increment_quantity=30, next_increment_quantity=6, setup_amount="0.01"
    )
    # 20 s are 30, 31 s are 36: 66 s at 0.01 a second and two fees; an unanswered one is free
    w.calls(
        "STEPS",
        ("2026-07-10T10:00:00", 20),
        ("2026-07-10T11:00:00", 31),
        ("2026-07-10T12:00:00", 0),
    )


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """June and July of the operator above."""
    return _operator().settle(tmp_path_factory.mktemp("settlement"))


def _parts(snapshot: Snapshot, partner: str) -> dict[str, Decimal]:
    """What of the difference of a partner's July is not zero, by part; all bands together."""
    names = [part.strip() for part in PARTS.split(",")] + ["open_amount", "difference_amount"]
    sums = ", ".join(f"sum({name})" for name in names)
    (row,) = tuples(
        snapshot, f"select {sums} from fct_statement_differences where partner_id = '{partner}'"
    )
    return {
        name.removesuffix("_amount"): value
        for name, value in zip(names, row, strict=True)
        if isinstance(value, Decimal) and value
    }


def _lines(snapshot: Snapshot, partner: str) -> list[tuple[object, ...]]:
    return tuples(
        snapshot,
        "select line_type, cast(event_on as varchar), rated_quantity, line_amount "
        "from fct_settlement_lines "
        f"where partner_id = '{partner}' order by event_on, line_type, price_amount desc",
    )


def test_a_statement_by_another_clock_nets_to_zero_in_the_month(snapshot: Snapshot) -> None:
    assert _parts(snapshot, "CLOCK") == {}
    days = tuples(
        snapshot,
        "select cast(event_on as varchar), match_type from fct_statement_matches "
        "where partner_id = 'CLOCK' and level_code = 'day' order by event_on",
    )
    assert days == [
        ("2026-07-05", "RIGHT_ONLY"),
        ("2026-07-06", "LEFT_ONLY"),
        ("2026-07-10", "MATCHED"),
    ]


def test_what_another_clock_moves_out_of_the_month_is_timing(snapshot: Snapshot) -> None:
    # 300 s at 0.06 a minute are on the partner's 1 August
    assert _parts(snapshot, "EDGE") == {"timing": D("-0.30"), "difference": D("-0.30")}
    assert tuples(
        snapshot,
        "select distinct shift_hours from fct_statement_differences where partner_id = 'EDGE'",
    ) == [(1,)]


def test_a_missing_day_and_a_doubled_day_are_volume(snapshot: Snapshot) -> None:
    assert _parts(snapshot, "GAP_DAY") == {k: D("-0.90") for k in ("volume", "open", "difference")}
    assert _parts(snapshot, "TWICE") == {k: D("0.90") for k in ("volume", "open", "difference")}


def test_rounding_call_by_call_against_the_month_is_rounding(snapshot: Snapshot) -> None:
    assert _parts(snapshot, "BY_MONTH") == {"rounding": D("0.01"), "difference": D("0.01")}
    assert _parts(snapshot, "BY_CALL") == {}
    assert sum(line[3] for line in _lines(snapshot, "BY_MONTH")) == D("0.02")  # type: ignore[misc]


def test_a_ported_number_is_mix(snapshot: Snapshot) -> None:
    # 600 s are 0.10 by the routing number and 0.50 by the prefix
    assert _parts(snapshot, "PORTED") == {k: D("0.40") for k in ("mix", "open", "difference")}
    bands = tuples(
        snapshot,
        "select band_code, volume_amount, mix_amount from fct_statement_differences "
        "where partner_id = 'PORTED' order by band_code",
    )
    # valued at the mean of 0.01 and 0.05: 0.30 leave one band and reach the other
    assert bands == [("FIX", D("-0.30"), D("0.20")), ("MOBILE", D("0.30"), D("0.20"))]


def test_a_tier_crossed_within_the_month_splits_the_day(snapshot: Snapshot) -> None:
    assert _lines(snapshot, "SLICE") == [
        ("usage", "2026-07-03", D(50000), D("83.333333")),
        ("usage", "2026-07-20", D(10000), D("16.666667")),
        ("usage", "2026-07-20", D(10000), D("8.333333")),
    ]
    assert _parts(snapshot, "SLICE") == {k: D("8.333334") for k in ("price", "open", "difference")}


def test_a_retroactive_tier_brings_the_month_before_to_its_price(snapshot: Snapshot) -> None:
    assert _lines(snapshot, "RETRO") == [
        ("usage", "2026-06-10", D(40000), D("66.666667")),
        ("usage", "2026-07-10", D(30000), D("25.00")),
        ("true_up", "2026-07-31", D(0), D("-33.333334")),
    ]
    assert _parts(snapshot, "RETRO") == {k: D("58.333334") for k in ("price", "open", "difference")}


def test_a_deal_just_under_its_volume_is_at_the_standard_price(snapshot: Snapshot) -> None:
    assert _lines(snapshot, "SWAP") == [("usage", "2026-07-10", D(99960), D("83.30"))]
    assert _parts(snapshot, "SWAP") == {k: D("-49.98") for k in ("price", "open", "difference")}


def test_an_agreement_changes_at_local_midnight(snapshot: Snapshot) -> None:
    assert _lines(snapshot, "MIDNIGHT") == [
        ("usage", "2026-07-14", D(60), D("0.10")),
        ("usage", "2026-07-15", D(60), D("0.20")),
    ]


def test_what_is_not_sent_is_paid(snapshot: Snapshot) -> None:
    lines = _lines(snapshot, "SEND_OR_PAY")
    assert lines == [
        ("shortfall", "2026-06-30", D(0), D("100.00")),
        ("usage", "2026-07-10", D(600), D("1.00")),
        ("shortfall", "2026-07-31", D(0), D("99.00")),
    ]


def test_the_rate_of_another_day_is_exchange_and_what_is_taxed_on_it(snapshot: Snapshot) -> None:
    # 100 XDR are 120.00 at the rate of 31 July, 121.00 at that of the 15th; tax is 19 per cent
    assert _parts(snapshot, "SDR") == {
        "fx": D("1.00"),
        "tax": D("0.19"),
        "open": D("1.19"),
        "difference": D("1.19"),
    }


def test_increments_and_set_up_are_of_answered_calls(snapshot: Snapshot) -> None:
    assert _lines(snapshot, "STEPS") == [("usage", "2026-07-10", D(66), D("0.68"))]


def test_the_parts_add_up_in_every_row(snapshot: Snapshot) -> None:
    assert tuples(snapshot, "select count(*) > 10 from fct_statement_differences") == [(True,)]
    sums = PARTS.replace(",", " +")
    assert (
        tuples(
            snapshot, f"select * from fct_statement_differences where {sums} <> difference_amount"
        )
        == []
    )


def test_what_is_beyond_the_tolerance_is_found(snapshot: Snapshot) -> None:
    found = tuples(
        snapshot,
        "select strftime(period, '%m'), partner_id, category, cost_amount, timing_amount "
        "from fct_findings where control_id = 'PAR-02' order by all",
    )
    nothing = D(0)
    assert found == [
        ("06", "RETRO", "MISSING_STATEMENT", nothing, D("66.666667")),
        ("06", "SEND_OR_PAY", "MISSING_STATEMENT", nothing, D("100.00")),
        ("07", "EDGE", "PERIOD_SHIFT", nothing, D("0.30")),
        ("07", "GAP_DAY", "DECLARED_LOW", nothing, D("0.90")),
        ("07", "MIDNIGHT", "MISSING_STATEMENT", nothing, D("0.30")),
        ("07", "PORTED", "BAND_DIFF", nothing, D("0.10")),
        ("07", "PORTED", "BAND_DIFF", D("0.50"), nothing),
        ("07", "RETRO", "RATE_DIFF", D("58.333334"), nothing),
        ("07", "SEND_OR_PAY", "MISSING_STATEMENT", nothing, D("100.00")),
        ("07", "SLICE", "RATE_DIFF", D("8.333334"), nothing),
        ("07", "STEPS", "MISSING_STATEMENT", nothing, D("0.68")),
        ("07", "SWAP", "RATE_DIFF", nothing, D("49.98")),
        ("07", "TWICE", "DECLARED_HIGH", D("0.90"), nothing),
    ]


@pytest.fixture(scope="module")
def project(snapshot: Snapshot) -> Path:
    """The folder with the operator's tieout.toml."""
    return snapshot.folder.parents[2]


def test_the_overview_has_every_partner_once(project: Path) -> None:
    done = run_tieout("settle", "--period", "2026-07", "--json", cwd=project)
    rows = {row["partner_id"]: row for row in done.document["partners"]}
    assert len(rows) == len(done.document["partners"]) == 14
    slices = rows["SLICE"]
    assert (slices["our_amount"], slices["disputed_amount"]) == ("108.333333", "8.333334")
    assert rows["MIDNIGHT"]["declared_amount"] is None


def test_a_word_that_is_no_command_is_a_partner(project: Path) -> None:
    told = run_tieout("settle", "SDR", "--period", "2026-07", cwd=project).out.splitlines()
    assert told[1].split() == ["SDR", "outgoing", "120.00", "121.00", "1.19", "1.19", "0.00", "EUR"]
    assert len(told) == 2


def test_statement_and_match_say_what_the_tables_say(project: Path) -> None:
    done = run_tieout("settle", "statement", "SLICE", "--level", "day", "--json", cwd=project)
    amounts = [line["line_amount"] for line in done.document["lines"]]
    assert sorted(amounts) == ["16.666667", "8.333333", "83.333333"]
    told = run_tieout("settle", "match", "EDGE", cwd=project).out
    assert "outgoing: the partner's clock is +1 h from ours" in told
    days = run_tieout("settle", "match", "CLOCK", "--level", "day", "--json", cwd=project).document
    assert [row["match_type"] for row in days["rows"]] == ["RIGHT_ONLY", "LEFT_ONLY", "MATCHED"]


def test_an_unknown_partner_is_refused_with_what_to_do(project: Path) -> None:
    done = run_tieout("settle", "NOBODY", cwd=project)
    assert done.code == 3
    assert "there is no partner NOBODY" in done.err
    assert "add a new one to the feeds" in done.err.replace("\n", " ")
