"""Chance that is the same on every machine: integer mixing of counters, never a generator's state.

A draw is a pure function of (seed, salt, counter), so days can be made in any order and a change
of one part of the simulator does not move the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def mix(counter: npt.NDArray[np.integer], seed: int, salt: int) -> Words:
    """Return one 64-bit word for each counter (the finaliser of splitmix64)."""
    start = ((seed * 1_000_003 + salt) * 0xD1342543DE82EF95 + 1) & _MASK
    word = counter.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(start)
    word ^= word >> np.uint64(30)
    word *= np.uint64(0xBF58476D1CE4E5B9)
    word ^= word >> np.uint64(27)
    word *= np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return word


def low(word: Words) -> Words:
    """Return the lower 32 bits."""
    return word & _LOW


def high(word: Words) -> Words:
    """Return the upper 32 bits."""
    return word >> _HALF


def below(bits: Words, bound: int) -> Ints:
    """Turn 32 bits into an integer from 0 to bound - 1."""
    return ((bits * np.uint64(bound)) >> _HALF).astype(np.int64)


def ladder(bits: Words, steps: Sequence[int]) -> Ints:
    """Turn 32 bits into a value of a distribution given by its equally spaced quantiles."""
    table = np.array(steps, dtype=np.int64)
    position = bits * np.uint64(len(steps) - 1)
    rung = (position >> _HALF).astype(np.int64)
    part = ((position & _LOW) >> np.uint64(16)).astype(np.int64)
    return table[rung] + ((table[rung + 1] - table[rung]) * part >> 16)


def choose(bits: Words, weights: Sequence[int]) -> Ints:
    """Turn 32 bits into an index, drawn by weight."""
    bounds = np.cumsum(np.array(weights, dtype=np.uint64) << _HALF) // np.uint64(sum(weights))
    return np.minimum(np.searchsorted(bounds, bits, side="right"), len(weights) - 1)


def arrow(columns: Mapping[str, npt.NDArray[np.integer]]) -> pa.Table:
    """Return whole numbers as Arrow without a copy (pa.array would import pandas for this)."""
    arrays = [np.ascontiguousarray(values, dtype=np.int64) for values in columns.values()]
    return pa.Table.from_arrays(
        [pa.Array.from_buffers(pa.int64(), a.size, [None, pa.py_buffer(a)]) for a in arrays],
        names=list(columns),
    )
