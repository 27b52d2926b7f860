from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.settlement import disputes

UNTIL = date(2026, 8, 30)
MICROS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize("state", disputes.MOVES)
@pytest.mark.parametrize("wanted", [one for one in disputes.MOVES if one != "lapsed"])
def test_only_the_allowed_moves_are_let_through(state: str, wanted: str) -> None:
    if wanted in disputes.MOVES[state]:
        disputes.check_move("D", state, wanted)
        return
    with pytest.raises(DataError) as refused:
        disputes.check_move("D", state, wanted)
    for allowed in disputes.MOVES[state]:
        assert allowed in refused.value.fix


@pytest.mark.parametrize("wanted", ["lapsed", "won"])
def test_nobody_moves_a_dispute_to_lapsed_or_to_a_word(wanted: str) -> None:
    with pytest.raises(UsageError, match=wanted.replace("lapsed", "lapses")) as refused:
        disputes.check_move("D", "detected", wanted)
    assert "arbitration" in refused.value.fix and "lapsed" not in refused.value.fix


def test_every_state_but_the_ends_leads_to_closed() -> None:
    ends = [state for state, moves in disputes.MOVES.items() if not moves]
    assert ends == ["closed", "lapsed"]
    assert all("closed" in moves for moves in disputes.MOVES.values() if moves)


def test_what_was_not_notified_by_the_last_day_has_lapsed() -> None:
    assert disputes.state_on("detected", UNTIL, UNTIL) == "detected"
    assert disputes.state_on("detected", UNTIL, UNTIL + timedelta(days=1)) == "lapsed"
    assert disputes.state_on("notified", UNTIL, UNTIL + timedelta(days=400)) == "notified"


def test_the_last_day_of_the_window_counts() -> None:
    disputes.check_window("ALPHA outgoing 2026-07", UNTIL, UNTIL)
    with pytest.raises(DataError, match="ended on 2026-08-30"):
        disputes.check_window("ALPHA outgoing 2026-07", UNTIL, UNTIL + timedelta(days=1))


def test_a_step_is_not_before_the_one_before_it() -> None:
    disputes.check_day("D", UNTIL, UNTIL)
    with pytest.raises(UsageError, match="2026-08-30"):
        disputes.check_day("D", UNTIL, UNTIL - timedelta(days=1))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
     (91, "over 90"), (1000, "over 90")],
)  # fmt: skip
def test_ages_fall_into_four_buckets(days: int, bucket: str) -> None:
    assert disputes.age_bucket(days) == bucket


def test_a_partner_who_asks_too_much_is_paid_the_rest_on_time() -> None:
    # 2.40 declared by us-paid traffic, 1.50 measured: 0.90 disputed, 1.50 payable; then 0.60 agreed
    over = disputes.overclaimed("outgoing", 900_000)
    assert disputes.undisputed(2_400_000, over) == 1_500_000
    assert disputes.note_type(over) == "credit"
    assert disputes.settled(2_400_000, over, 600_000) == 1_800_000


def test_a_partner_who_asks_too_little_is_paid_what_he_asks() -> None:
    over = disputes.overclaimed("outgoing", -900_000)
    assert disputes.undisputed(600_000, over) == 600_000
    assert disputes.note_type(over) == "debit"
    assert disputes.settled(600_000, over, 900_000) == 1_500_000


@pytest.mark.parametrize("direction", ["incoming", "transit"])
def test_what_we_invoice_is_disputed_the_other_way_round(direction: str) -> None:
    # we ask 1.50, the partner counts 0.60: 0.60 is undisputed
    over = disputes.overclaimed(direction, -900_000)
    assert disputes.undisputed(1_500_000, over) == 600_000
    assert disputes.note_type(over) == "credit"


@given(claimed=st.integers(0, 10**12), disputed=MICROS, share=st.fractions(0, 1))
def test_what_is_settled_lies_between_both_claims(
    claimed: int, disputed: int, share: object
) -> None:
    agreed = int(abs(disputed) * share)  # type: ignore[operator]
    for direction in ("incoming", "outgoing", "transit"):
        over = disputes.overclaimed(direction, disputed)
        settled = disputes.settled(claimed, over, agreed)
        assert min(claimed, claimed - over) <= settled <= max(claimed, claimed - over)
        assert disputes.undisputed(claimed, over) <= settled


@pytest.mark.parametrize("text", ["", "x", "-0.01", "0.900001", "0.0000001", "NaN", "Infinity"])
def test_an_agreement_names_an_amount_up_to_what_is_disputed(text: str) -> None:
    assert disputes.agreed_amount("D", "agreed", "0.90", -900_000) == 900_000
    assert disputes.agreed_amount("D", "agreed", "0", 900_000) == 0
    with pytest.raises(UsageError) as refused:
        disputes.agreed_amount("D", "agreed", text, 900_000)
    assert str(Decimal("0.900000")) in refused.value.fix


def test_only_an_agreement_names_an_amount() -> None:
    assert disputes.agreed_amount("D", "closed", "", 900_000) is None
    with pytest.raises(UsageError, match="only what is agreed"):
        disputes.agreed_amount("D", "closed", "0.10", 900_000)
