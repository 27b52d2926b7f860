from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.bridge import axis, waterfall

amounts = st.decimals("-99999999.999999", "99999999.999999", places=6)
PARTS = ("under_amount", "over_amount", "listed_amount", "unexplained_amount")


def step(number: int, code: str, **given_amounts: Any) -> dict[str, Any]:
    zero = dict.fromkeys(("step_amount", *PARTS), Decimal(0))
    return {"step_no": number, "step_code": code, **zero, **given_amounts}


@given(amounts, st.lists(st.tuples(amounts, amounts, amounts, amounts), max_size=8))
def test_bars_add_up_to_billed_to_the_last_digit(
    expected: Decimal, steps: list[tuple[Decimal, ...]]
) -> None:
    rows = [
        step(n, f"s{n}", **dict(zip(PARTS, parts, strict=True))) for n, parts in enumerate(steps, 1)
    ]
    billed = expected - sum((u - o + x + y for u, o, x, y in steps), Decimal(0))
    first, last = step(0, "expected", step_amount=expected), step(99, "billed", step_amount=billed)
    drawn = waterfall([last, *rows, first])
    assert drawn.difference == 0
    between = sum((bar.amount for bar in drawn.bars[1:-1]), Decimal(0))
    assert drawn.expected + between == drawn.billed == billed
    for before, after in zip(drawn.bars[:-2], drawn.bars[1:-1], strict=True):
        assert after.start == before.end


def test_under_and_over_of_a_step_are_two_bars() -> None:
    drawn = waterfall(
        [
            step(0, "expected", step_amount=Decimal(10)),
            step(5, "rating", under_amount=Decimal(2), over_amount=Decimal(2)),
            step(99, "billed", step_amount=Decimal(10)),
        ]
    )
    assert [(bar.kind, bar.amount) for bar in drawn.bars[1:-1]] == [
        ("under", Decimal(-2)),
        ("over", Decimal(2)),
    ]
    assert drawn.total("under") == -2


def test_a_bridge_that_does_not_tie_says_so() -> None:
    drawn = waterfall(
        [step(0, "expected", step_amount=Decimal(10)), step(99, "billed", step_amount=Decimal(9))]
    )
    assert drawn.difference == 1


def test_nothing_is_two_bars_of_zero() -> None:
    drawn = waterfall([])
    assert [bar.amount for bar in drawn.bars] == [0, 0]
    low, high = axis(drawn.bars)
    assert low < high


def test_the_axis_leaves_zero_only_where_steps_would_vanish() -> None:
    def drawn_axis(under: int) -> Decimal:
        rows = [
            step(0, "expected", step_amount=Decimal(1000)),
            step(1, "rating", under_amount=Decimal(under)),
            step(99, "billed", step_amount=Decimal(1000 - under)),
        ]
        return axis(waterfall(rows).bars)[0]

    assert drawn_axis(under=900) == 0
    assert 900 < drawn_axis(under=10) < 990
