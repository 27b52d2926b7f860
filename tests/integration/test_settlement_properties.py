"""What holds of any two statements: their parts add up, and who declares only turns the signs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .batches import one_batch
from .small_operator import tuples
from .test_settlement import PARTS
from .wholesale_operator import Wholesale

BANDS = {"A": "331", "B": "332", "C": "333"}
# minutes and cents a minute: amounts are exact, so that either side can be measured
SIDE = st.tuples(st.integers(0, 5000), st.integers(0, 300))
CASE = st.fixed_dictionaries({band: st.tuples(SIDE, SIDE) for band in BANDS})
Case = dict[str, tuple[tuple[int, int], tuple[int, int]]]


def batches() -> st.SearchStrategy[list[Case]]:
    """The cases of a build, hardly two alike (hypothesis tries the emptiest first)."""
    drawn = st.lists(CASE, min_size=60, max_size=60)
    return drawn.filter(lambda batch: len({str(case) for case in batch}) > 50)


def _price(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def _add(w: Wholesale, name: str, case: Case) -> None:
    """A partner of which the first side of each band is measured and the second declared."""
    w.partner(name)
    for number, (band, ((minutes, cents), (their_minutes, their_cents))) in enumerate(case.items()):
        w.add(
            "partner_destinations",
            partner_id=name,
            prefix=BANDS[band],
            band_code=band,
            valid_from_on="2026-01-01",
        )
        w.rate(name, _price(cents), band_code=band)
        if minutes:
            w.calls(
                name, ("2026-07-10T10:00:00", 60 * minutes), called_number=f"{BANDS[band]}400001"
            )
        if their_minutes:
            w.declares(
                name,
                ("2026-07-01", 60 * their_minutes, _price(their_minutes * their_cents)),
                band_code=band,
                line_no=number + 1,
            )


@one_batch
@given(cases=batches())
def test_parts_add_up_and_turn_with_the_sides(
    cases: list[Case], tmp_path_factory: pytest.TempPathFactory
) -> None:
    w = Wholesale()
    for number, case in enumerate(cases):
        # both sides say something of one band, so that there are two statements
        (ours, cents), (theirs, their_cents) = case["A"]
        whole: Case = {**case, "A": ((ours + 1, cents), (theirs + 1, their_cents))}
        _add(w, f"P{number:02}", whole)
        _add(w, f"M{number:02}", {band: (two, one) for band, (one, two) in whole.items()})
    names = [part.strip() for part in PARTS.split(",")]
    turned = " or ".join(f"p.{name} <> -m.{name}" for name in [*names, "difference_amount"])
    snapshot = w.settle(tmp_path_factory.mktemp("sides"))
    rows = "fct_statement_differences"
    assert tuples(snapshot, f"select count(distinct partner_id) from {rows}") == [(2 * len(cases),)]
    unequal = tuples(
        snapshot,
        f"select p.*, m.* from {rows} as p full join {rows} as m "
        "on 'M' || substr(p.partner_id, 2) = m.partner_id and p.band_code = m.band_code "
        f"where p.partner_id like 'P%' and (m.partner_id is null or {turned})",
    )
    assert unequal == []
    sums = " + ".join(names)
    assert tuples(snapshot, f"select * from {rows} where {sums} <> difference_amount") == []
