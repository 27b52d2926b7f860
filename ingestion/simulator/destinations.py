"""Where customers call: a few hundred prefixes, some inside others, and numbers below them.

Every number begins with one of some thousand nine-digit heads whose zone is found once, by the
longest prefix, so that fifty million calls need no search of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingestion.simulator.catalogue import EU, FREE, MOB, NAT, ROW
from ingestion.simulator.draws import Ints, below, high, low, mix

OWN_RANGE = "49155"
_HEADS_PER_PREFIX = 8

# Country codes by zone.
_COUNTRIES = {
    EU: """
    30 31 32 33 34 351 352 353 356 357 358 359 36 370 371 372 385 386 39 40 420 421 423 43 45 46
    47 48 354 590 594 596 262
    """,
    ROW: """
    1 20 211 212 213 216 218 220 221 225 230 233 234 243 249 250 251 254 255 256 260 261 263 264
    27 297 299 355 373 374 375 376 377 378 380 381 382 383 387 389 41 44 501 502 503 504 505 506
    507 509 51 52 53 54 55 56 57 58 591 592 593 595 597 598 60 61 62 63 64 65 66 670 673 675 679
    7 81 82 84 852 853 855 856 86 880 886 90 91 92 93 94 95 960 961 962 963 964 965 966 967 968
    970 971 972 973 974 975 976 977 98 992 993 994 995 996 998 881 882 883
    """,
}
# Prefixes inside a country that belong to another zone than the country itself.
_NESTED = {
    "49": NAT,
    "4915": MOB,
    "4916": MOB,
    "4917": MOB,
    OWN_RANGE: NAT,
    "49800": FREE,
    "49180": NAT,
    "49700": NAT,
    "49137": MOB,
    "3906698": ROW,
    "35818": EU,
    "3377": EU,
    "33700": ROW,
    "262269": ROW,
    "4420": EU,
    "441624": ROW,
    "447": ROW,
    "44800": FREE,
    "1787": ROW,
    "1800": FREE,
    "18005": ROW,
    "1684": ROW,
    "77": ROW,
    "7840": EU,
    "34871": ROW,
    "3519": EU,
    "35193": ROW,
    "4670": EU,
    "46719": ROW,
    "43800": FREE,
    "41860": EU,
    "3780": EU,
    "37766": EU,
    "90392": EU,
    "38349": EU,
    "2125": ROW,
    "21252": EU,
    "5946": ROW,
    "5960": EU,
    "59069": ROW,
}


def prefixes() -> dict[str, int]:
    """Return every prefix of the operator's zone plan with its zone."""
    plan = {code: zone for zone, codes in _COUNTRIES.items() for code in codes.split()} | _NESTED
    # Mobile ranges of large countries are listed on their own although they cost the same.
    plan |= {f"{country}{digit}": EU for country in ("34", "39", "43", "48") for digit in "67"}
    plan |= {f"{country}{digit}": ROW for country in ("90", "91", "86", "55") for digit in "5789"}
    return plan


def zone_of(number: str, plan: dict[str, int]) -> int:
    """Return the zone of the longest prefix of a number."""
    return next(plan[number[:n]] for n in range(len(number), 0, -1) if number[:n] in plan)


@dataclass(frozen=True)
class Heads:
    """Nine-digit heads sorted by zone; those of zone z lie at starts[z] : starts[z + 1]."""

    values: Ints
    starts: Ints

    def numbers(self, zone: npt.NDArray[np.integer], word: npt.NDArray[np.uint64]) -> Ints:
        """Return a number of twelve digits in each zone asked for."""
        first, count = self.starts[zone], self.starts[zone + 1] - self.starts[zone]
        head = self.values[first + ((low(word).astype(np.int64) * count) >> 32)]
        return np.asarray(head * 1_000 + below(high(word), 1_000))


def heads(seed: int) -> Heads:
    """Fill the prefixes up to nine digits; numbers of the own range belong to subscribers only."""
    plan = prefixes()
    names = [prefix for prefix in sorted(plan) if prefix != OWN_RANGE]
    words = mix(np.arange(len(names) * _HEADS_PER_PREFIX), seed, 11)
    texts = [
        (names[no // _HEADS_PER_PREFIX] + f"{int(word) % 10**9:09d}")[:9]
        for no, word in enumerate(words)
    ]
    zoned = sorted(
        (zone_of(text, plan), text) for text in set(texts) if not text.startswith(OWN_RANGE)
    )
    zones = np.array([zone for zone, _ in zoned])
    values = np.array([int(text) for _, text in zoned], dtype=np.int64)
    return Heads(values, np.searchsorted(zones, np.arange(FREE + 2)))
