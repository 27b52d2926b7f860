from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.settlement.netting import Item, Position, net

MICROS = st.integers(-(10**13), 10**13)
ITEM = st.builds(
    Item,
    st.sampled_from(["ALPHA", "BETA"]),
    st.sampled_from(["incoming", "outgoing", "transit"]),
    st.sampled_from(["EUR", "USD", "XDR"]),
    st.sampled_from([None, "N1", "N2"]),
    MICROS,
    MICROS,
    MICROS,
)


def sums(pairs: list[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for currency_code, micros in pairs:
        found[currency_code] += micros
    return dict(found)


@given(st.lists(ITEM, max_size=30))
def test_netting_keeps_the_sum_per_currency(items: list[Item]) -> None:
    positions = net(items)
    assert sums([(one.currency_code, one.net_micros) for one in positions]) == sums(
        [(one.currency_code, one.balance_micros) for one in items]
    )


@given(st.lists(ITEM, max_size=30))
def test_gross_figures_stay_whole(items: list[Item]) -> None:
    positions = net(items)
    for is_payable in (True, False):
        own = [one for one in items if one.is_payable is is_payable]
        side = "payable" if is_payable else "receivable"
        for kind in ("gross", "disputed"):
            before = sums([(one.currency_code, getattr(one, f"{kind}_micros")) for one in own])
            after = sums(
                [(one.currency_code, getattr(one, f"{kind}_{side}_micros")) for one in positions]
            )
            assert {key: value for key, value in after.items() if value} == {
                key: value for key, value in before.items() if value
            }


@given(st.lists(ITEM, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(items: list[Item], chance: object) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert net(shuffled) == net(items)


@given(st.lists(ITEM, max_size=30))
def test_nothing_is_netted_over_partners_currencies_groups_or_outside(items: list[Item]) -> None:
    positions = net(items)
    inside = [one for one in positions if one.netting_group is not None]
    keys = [(one.partner_id, one.currency_code, one.netting_group) for one in inside]
    assert len(keys) == len(set(keys))
    outside = [one for one in positions if one.netting_group is None]
    assert all(len(one.directions) == 1 for one in outside)


def test_receivable_less_payable_each_less_what_is_disputed() -> None:
    # we are owed 100.00 of which 10.00 are disputed, and 5.00 for transit; we owe 60.00, of which
    # 8.00 were taken back by a credit note, and 7.00 outside of netting
    items = [
        Item("ALPHA", "incoming", "EUR", "N1", 100_000_000, 10_000_000),
        Item("ALPHA", "transit", "EUR", "N1", 5_000_000),
        Item("ALPHA", "outgoing", "EUR", "N1", 60_000_000, 0, -8_000_000),
        Item("ALPHA", "outgoing", "EUR", None, 7_000_000),
    ]
    inside, outside = net(items)
    assert inside == Position(
        "ALPHA", "EUR", "N1", ("incoming", "outgoing", "transit"), 105_000_000, 60_000_000,
        10_000_000, 0, 95_000_000, 52_000_000,
    )  # fmt: skip
    assert inside.net_micros == 43_000_000
    assert (outside.directions, outside.net_micros) == (("outgoing",), -7_000_000)
