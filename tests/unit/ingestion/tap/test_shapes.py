"""Records that are read in one step are read as element by element, sound or spoilt."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.errors import RoamingFileError
from ingestion.simulator.roaming.events import Event
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.tap import tap_file
from ingestion.sources.tap import READER
from ingestion.sources.tap.shapes import Shapes
from tests.unit.ingestion.tap.roaming import HEAD, KINDS, event, events, layout, rewritten
from tests.unit.ingestion.tap.test_mutations import spoil
from tests.unit.ingestion.tap.test_round_trip import indefinite

Read = list[tuple[int, str | None, dict[str, Any], str | None]] | str


def outcome(content: bytes) -> Read:
    """All that comes of a file."""
    try:
        return [
            (one.row, one.reason, dict(one.values), one.text)
            for one in READER.walk([content], "file", layout("tap", "nrtrde"))
        ]
    except RoamingFileError as error:
        return error.what


@contextmanager
def element_by_element() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shapes, "find", lambda shapes, record: None)
        yield


def found_quickly(content: bytes) -> int:
    """How many records of a file were read in one step."""
    spared = []
    with pytest.MonkeyPatch.context() as patch:
        real = Shapes.find

        def find(shapes: Shapes, record: bytes) -> Any:
            shape = real(shapes, record)
            spared.append(shape is not None)
            return shape

        patch.setattr(Shapes, "find", find)
        outcome(content)
    return sum(spared)


def alike(draw: random.Random, count: int) -> list[Event]:
    """Events of which many have the same lengths, and others differ in what decides."""
    return [
        event(
            draw.choice(KINDS),
            imsi=f"26201{draw.randrange(10**10):010d}",
            charge=draw.choice([draw.randrange(128, 30_000), 5]),
            tax=draw.choice([None, draw.randrange(256, 30_000)]),
            discount=draw.choice([None, None, 77]),
            camel_fee=draw.choice([None, None, 1, 2]),
            started_local=event().started_local + timedelta(seconds=draw.randrange(86_400)),
            utc_offset=draw.choice(["+0200", "+0100", "-0330"]),
            call_type=(draw.choice([1, 2]), 1, draw.choice([0, 300])),
            volume_incoming=draw.randrange(2**23),
            access_point=draw.choice(["internet", "wap12345"]),
        )
        for _ in range(count)
    ]


def test_most_records_of_a_file_are_read_in_one_step() -> None:
    draw = random.Random(1)  # noqa: S311 - events, no secrets
    content = tap_file(HEAD, [event("moc", charge=200 + no) for no in range(100)])
    assert found_quickly(content) == 99
    assert found_quickly(tap_file(HEAD, alike(draw, 3_000))) > 1_000


@pytest.mark.parametrize("seed", range(2))
def test_both_ways_give_the_same(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - events, no secrets
    some = alike(draw, 1_500)
    for content in (tap_file(HEAD, some), nrtrde_file(HEAD, some)):
        for made in (content, rewritten(content, indefinite)):
            quick = outcome(made)
            assert isinstance(quick, list) and len(quick) == 1_500
            with element_by_element():
                assert outcome(made) == quick


@settings(max_examples=40, deadline=None)
@given(some=st.lists(events(), max_size=6), twice=st.booleans())
def test_both_ways_give_the_same_of_any_event(some: list[Event], twice: bool) -> None:
    some = [one for one in some for _ in range(1 + twice)]
    content = tap_file(HEAD, some)
    quick = outcome(content)
    with element_by_element():
        assert outcome(content) == quick


def test_both_ways_find_the_same_wrong() -> None:
    draw = random.Random(7)  # noqa: S311 - accidents, no secrets
    some = [event(kind, charge=200 + no) for no in range(6) for kind in KINDS[:5]]
    content = tap_file(HEAD, some)
    refused = 0
    for _ in range(300):
        spoilt = spoil(content, draw)
        quick = outcome(spoilt)
        refused += isinstance(quick, str)
        with element_by_element():
            assert outcome(spoilt) == quick, spoilt.hex()
    assert 0 < refused < 300


@pytest.mark.parametrize(
    "change",
    [
        {"duration_seconds": -1},
        {"charge": -1},
        {"tax": -1},
        {"exchange_rate_code": 9},
        {"imsi": "26201000000000f"},
    ],
)
def test_what_is_wrong_with_one_of_many_alike_is_seen(change: dict[str, Any]) -> None:
    good = [event(charge=100, tax=100, duration_seconds=100)] * 5
    content = tap_file(HEAD, [*good, replace(good[0], **change), *good])
    quick = outcome(content)
    with element_by_element():
        assert outcome(content) == quick
    assert isinstance(quick, list)
    assert (quick[5][1] is None) == ("imsi" in change)


def test_shapes_that_spare_nothing_are_not_kept() -> None:
    draw = random.Random(3)  # noqa: S311 - events, no secrets
    shapes = []
    with pytest.MonkeyPatch.context() as patch:
        real = Shapes.__init__

        def note(self: Shapes, table: Any) -> None:
            real(self, table)
            shapes.append(self)

        patch.setattr(Shapes, "__init__", note)
        some = [
            event(call_reference=draw.randbytes(8), call_type=(no, no * 3, no * 7))
            for no in range(2_000)
        ]
        assert len(outcome(tap_file(HEAD, some))) == 2_000
    assert shapes[0].made < 600
