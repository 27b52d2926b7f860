"""What Nordlicht Mobile sells: offers, prices, allowances, taxes and destination zones.

Money is in millionths (micros) of a euro and quantities in base units, all integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from ingestion.simulator.calendar import Calendar

PLAN_S, PLAN_M, PLAN_L, PLAN_BIZ, ROAM, SEC, TV, HOLD, TWIN = range(9)
PLAN_MINI, PLAN_FLEX, PLAN_XL = range(9, 12)
VOICE, SMS, DATA = range(3)
SERVICES = ("voice", "sms", "data")
UNITS = ("second", "event", "byte")
NO_ZONE, NAT, MOB, EU, ROW, FREE = range(6)
ZONES = ("", "NAT", "MOB", "EU", "ROW", "FREE")
CURRENCY = "EUR"
MIB, KIB100 = 1_048_576, 102_400


@dataclass(frozen=True)
class Offer:
    """One product offering with its recurring price in cents."""

    offer_id: str
    name: str
    product_type: str
    feature: str
    cents: int
    charge_code: str
    tax_group: str = "STD"
    advance: bool = False
    to_day: int | None = None  # sold no more
    is_whole: bool = False  # charged for the whole month, however short


OFFERS = (
    Offer("PLAN_S", "Nordlicht S", "plan", "BASE_S", 999, "MRC"),
    Offer("PLAN_M", "Nordlicht M", "plan", "BASE_M", 1999, "MRC"),
    Offer("PLAN_L", "Nordlicht L", "plan", "BASE_L", 3999, "MRC"),
    Offer("PLAN_BIZ", "Nordlicht Business", "plan", "BASE_BIZ", 2999, "MRC", advance=True),
    Offer("ADD_ROAM", "Travel pass", "add_on", "ROAM", 499, "MRC_ROAM"),
    Offer("ADD_SEC", "Security pack", "add_on", "SECNET", 199, "MRC_SEC"),
    Offer("ADD_TV", "Mobile TV", "add_on", "TV", 799, "MRC_TV", tax_group="REDUCED"),
    Offer("HOLD", "Seasonal hold", "other", "", 250, "MRC_HOLD", is_whole=True),
    Offer("ADD_TWIN", "Second SIM on the same number", "add_on", "TWIN", 495, "MRC_TWIN"),
    Offer("PLAN_MINI", "Nordlicht Mini", "plan", "BASE_MINI", 499, "MRC"),
    Offer("PLAN_FLEX", "Nordlicht Flex", "plan", "BASE_FLEX", 899, "MRC"),
    Offer("PLAN_XL", "Nordlicht XL", "plan", "BASE_XL", 5999, "MRC", to_day=-120),
)
PLANS = (PLAN_S, PLAN_M, PLAN_L, PLAN_BIZ, PLAN_MINI, PLAN_FLEX)
# plans that are priced like another one
_PRICED_LIKE = {PLAN_MINI: PLAN_S, PLAN_FLEX: PLAN_S}
# calls of one plan to two zones have a price for each time band, found by the start of the call
PEAK, OFF = "PEAK", "OFF"
PEAK_FROM, PEAK_TO = 8 * 3_600, 20 * 3_600
# in one of the zones a call is cut where the band ends, to the second, so that nothing is rounded
CUT_ZONE = ROW
OFF_MICROS = {EU: 120_000, ROW: 300_000}
PEAK_MICROS = {EU: 190_000, ROW: 600_000}
BANDED = f"plan = {PLAN_FLEX} AND svc = {VOICE} AND zone IN ({EU}, {ROW})"


@dataclass(frozen=True)
class Tax:
    """One row of the tax table; the months are those in which it holds."""

    rate_id: str
    name: str
    group: str
    ppm: int
    place: str = "DE"
    category: str = "S"
    reason: str = ""
    from_month: int | None = None
    to_month: int | None = None


TAX_CHANGE = 2  # month with which the standard rate rises
TAXES = (
    Tax("TAX_STD", "VAT 19 %", "STD", 190_000, to_month=TAX_CHANGE),
    Tax("TAX_STD20", "VAT 20 %", "STD", 200_000, from_month=TAX_CHANGE),
    Tax("TAX_RED", "VAT 7 %", "REDUCED", 70_000),
    Tax(
        "TAX_RC", "Reverse charge", "*", 0, "AT", "AE", "Reverse charge: the customer pays the tax"
    ),
)

# (plan, service) -> quantity a month, in the zone that it is for
ALLOWANCES = {
    (PLAN_S, VOICE): 6_000,
    (PLAN_M, VOICE): 18_000,
    (PLAN_L, VOICE): 60_000,
    (PLAN_BIZ, VOICE): 30_000,
    (PLAN_FLEX, VOICE): 6_000,
    (PLAN_FLEX, SMS): 50,
    (PLAN_FLEX, DATA): 1 << 30,
    (PLAN_MINI, VOICE): 600,
    (PLAN_MINI, SMS): 5,
    (PLAN_MINI, DATA): 200 << 20,
    (PLAN_S, SMS): 50,
    (PLAN_M, SMS): 150,
    (PLAN_L, SMS): 500,
    (PLAN_BIZ, SMS): 200,
    (PLAN_S, DATA): 1 << 30,
    (PLAN_M, DATA): 5 << 30,
    (PLAN_L, DATA): 20 << 30,
    (PLAN_BIZ, DATA): 10 << 30,
}

# Euro cents for 60 seconds and for one message by plan; 0 is the row without zone.
_VOICE = {
    NAT: ("9", "7", "3", "5"),
    EU: ("19", "15", "9", "12"),
    ROW: ("99", "89", "69", "79"),
    FREE: ("0", "0", "0", "0"),
    NO_ZONE: ("14", "11", "5", "8"),
}
_SMS = {
    NAT: ("9", "7", "5", "6"),
    EU: ("13", "11", "9", "10"),
    ROW: ("25", "22", "19", "20"),
    FREE: ("0", "0", "0", "0"),
    NO_ZONE: ("9", "8", "6", "7"),
}
_DATA = ("1.2", "0.8", "0.4", "0.6")


@dataclass(frozen=True)
class PriceRule:
    """One row of the price book; None is an empty field."""

    rule_id: str
    offer: int
    charge_code: str
    charge_type: str
    micros: int
    service: int | None = None
    zone: int = NO_ZONE
    unit: int | None = None
    first: int | None = None
    following: int | None = None
    connect: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    decimals: int | None = None
    point: str | None = None
    from_day: int | None = None
    to_day: int | None = None
    band: str = ""
    band_rule: str = ""

    @property
    def step(self) -> int:
        """Micros to which one event's charge is rounded."""
        step: int = 10 ** (6 - (6 if self.decimals is None else self.decimals))
        return step


def _micros(cents: str) -> int:
    return int(Decimal(cents) * 10_000)


def _voice(plan: int, zone: int, cents: str) -> PriceRule:
    following = 60 if zone in (EU, ROW) else 1
    rule = PriceRule(
        f"PR-{OFFERS[plan].offer_id}-V-{ZONES[zone] or 'ANY'}",
        plan,
        "USAGE_VOICE",
        "usage",
        _micros(cents),
        VOICE,
        zone,
        60,
        60,
        following,
        connect=150_000 if zone == ROW else None,
        decimals={PLAN_M: 4, PLAN_BIZ: 2}.get(plan),
        point="before_allowance" if plan == PLAN_M else None,
    )
    if plan == PLAN_BIZ and zone == ROW:
        return replace(rule, minimum=500_000)
    return replace(rule, point="after_allowance") if (plan, zone) == (PLAN_BIZ, NAT) else rule


def _sms(plan: int, zone: int, cents: str) -> PriceRule:
    name = f"PR-{OFFERS[plan].offer_id}-S-{ZONES[zone] or 'ANY'}"
    return PriceRule(name, plan, "USAGE_SMS", "usage", _micros(cents), SMS, zone, 1)


def _bands(rule: PriceRule) -> list[PriceRule]:
    """Return the rows of a price that depends on the time band; others as they are."""
    if rule.service != VOICE or rule.zone not in OFF_MICROS:
        return [rule]
    peak = replace(rule, band=PEAK, micros=PEAK_MICROS[rule.zone])
    if rule.zone == CUT_ZONE:
        peak = replace(peak, first=1, following=1, connect=None, band_rule="split")
    off = OFF_MICROS[rule.zone]
    return [peak, replace(peak, rule_id=f"{rule.rule_id}-OFF", band=OFF, micros=off)]


def _data(plan: int, cents: str) -> PriceRule:
    return PriceRule(
        f"PR-{OFFERS[plan].offer_id}-D-ANY",
        plan,
        "USAGE_DATA",
        "usage",
        _micros(cents),
        DATA,
        NO_ZONE,
        MIB,
        KIB100,
        KIB100,
        maximum=5_000_000 if plan == PLAN_L else None,
    )


def _versions(rule: PriceRule, day: int, micros: int) -> list[PriceRule]:
    return [
        replace(rule, to_day=day),
        replace(rule, rule_id=f"{rule.rule_id}-2", from_day=day, micros=micros),
    ]


@dataclass(frozen=True)
class Change:
    """A price that changes: on which day, and to what."""

    day: int
    micros: int


def price_versions(calendar: Calendar) -> dict[tuple[int, int, int], Change]:
    """Return the prices that change, by plan, service and zone; the last lies in the future."""
    second = calendar.month_start(2)
    return {
        (PLAN_S, VOICE, EU): Change(second + 14, 210_000),
        (PLAN_M, SMS, ROW): Change(second, 240_000),
        (PLAN_S, VOICE, NO_ZONE): Change(second + 20, 145_000),
        (PLAN_M, VOICE, NO_ZONE): Change(second + 22, 120_000),
        (PLAN_L, VOICE, EU): Change(calendar.day_count + 30, 100_000),
    }


def price_rules(calendar: Calendar) -> list[PriceRule]:
    """Return the price book; some prices change while usage is rated."""
    rules = [
        PriceRule(
            f"PR-{o.offer_id}-R", no, o.charge_code, "recurring", o.cents * 10_000, to_day=o.to_day
        )
        for no, o in enumerate(OFFERS)
    ]
    changes = price_versions(calendar)
    for plan in PLANS:
        column = _PRICED_LIKE.get(plan, plan)
        found = [_voice(plan, zone, cents[column]) for zone, cents in _VOICE.items()]
        found += [_sms(plan, zone, cents[column]) for zone, cents in _SMS.items()]
        if plan == PLAN_FLEX:
            found = [one for rule in found for one in _bands(rule)]
        for rule in found:
            change = changes.get((plan, int(rule.service or 0), rule.zone))
            rules += _versions(rule, change.day, change.micros) if change else [rule]
        rules.append(_data(plan, _DATA[column]))
    return rules


def rate_key(plan: int, service: int, zone: int, day: int) -> int:
    """Return the number under which SQL finds the price of an event."""
    return ((plan * 3 + service) * 6 + zone) * 1_000 + day


def rate_card(rules: list[PriceRule], day_count: int) -> dict[str, npt.NDArray[np.int64]]:
    """Return rate_key and the position of its price rule, for every day of every combination."""
    days = np.arange(day_count + 1)
    keys, found = [], []
    for plan in PLANS:
        for service in (VOICE, SMS, DATA):
            for zone in (NO_ZONE,) if service == DATA else (NO_ZONE, NAT, MOB, EU, ROW, FREE):
                best = np.full(days.size, -1)
                for asked in (NO_ZONE, zone):
                    for no, rule in enumerate(rules):
                        here = (rule.offer, rule.service, rule.zone) == (plan, service, asked)
                        if here and rule.band != OFF:
                            start, end = rule.from_day or 0, rule.to_day or days.size
                            best[start:end] = no
                keys.append(rate_key(plan, service, zone, 0) + days)
                found.append(best)
    # under the number behind the plan: its price outside the peak
    for no, rule in enumerate(rules):
        if rule.band == OFF:
            keys.append(rate_key(PLAN_FLEX + 1, VOICE, rule.zone, 0) + days)
            found.append(np.full(days.size, no))
    return {"rate_key": np.concatenate(keys), "rule": np.concatenate(found)}
