"""A third rater, in decimals and event by event, that must agree with the simulator's SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.ingestion.simulator.conftest import Operator, Rows

ZONE = ZoneInfo("Europe/Berlin")
Row = dict[str, Any]


def local_day(text: str) -> date:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(ZONE).date()


def valid(row: Row, on: date) -> bool:
    until = row["valid_to_on"]
    return row["valid_from_on"] <= str(on) and (not until or str(on) < until)


def number(row: Row, name: str) -> Decimal:
    return Decimal(row[name] or 0)


def increments(quantity: Decimal, rule: Row) -> Decimal:
    if not rule["first_increment_quantity"] or not quantity:
        return quantity
    first, following = (
        number(rule, "first_increment_quantity"),
        number(rule, "next_increment_quantity"),
    )
    rest = max(Decimal(0), quantity - first) / following
    return first + rest.to_integral_value(ROUND_CEILING) * following


class Rater:
    """Rates one operator's events by its own landed catalogue."""

    def __init__(self, operator: Operator) -> None:
        self.rules = [
            row for row in operator.csv("catalogue/approved_prices.csv")
            if row["charge_type"] == "usage"
        ]  # fmt: skip
        self.allowances = operator.csv("catalogue/allowances.csv")
        self.plans: dict[str, Rows] = defaultdict(list)
        for row in operator.csv("crm/crm_services.csv.gz"):
            if row["product_offering_id"].startswith("PLAN") and row["status"] == "active":
                self.plans[row["subscription_id"]].append(row)
        self.discounts = {
            row["account_id"] or row["subscription_id"]: Decimal(row["rate_ratio"])
            for row in operator.csv("catalogue/discounts.csv") if row["charge_type"] == "usage"
        }  # fmt: skip
        zones = operator.csv("catalogue/destination_zones.csv")
        self.zones = {row["prefix"]: row["zone_code"] for row in zones}
        self.rated_by = ""
        self.holidays = {
            row["calendar_on"] for row in operator.csv("billing/period_calendar.csv")
            if row["is_holiday"] == "true"
        }  # fmt: skip
        self.used: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)

    @cache  # noqa: B019
    def zone(self, called: str) -> str:
        digits = called.removeprefix("00")
        heads = (digits[:length] for length in range(9, 0, -1))
        return next((self.zones[head] for head in heads if head in self.zones), "")

    def plan(self, event: Row, on: date) -> str:
        held = self.plans[event["subscription_id"]]
        (plan,) = {str(row["product_offering_id"]) for row in held if valid(row, on)}
        return plan

    def rate(self, event: Row) -> tuple[Decimal, Decimal]:
        """Charge of an event and what it took from the allowance."""
        on = local_day(event["started_at"])
        plan = self.plan(event, on)
        zone = self.zone(event["other_party_number"])
        rule = self.rule(event, plan, zone, on)
        self.rated_by = rule["price_rule_id"]
        quantity = Decimal(event["quantity"])
        after = rule["increment_point"] == "after_allowance"
        taken = quantity if after else increments(quantity, rule)
        free = self._free(event, plan, zone, on, taken)
        paid = increments(taken - free, rule) if after else taken - free
        if rule["band_rule"] == "split":
            return self._cut_charge(event, plan, zone, on), free
        return self._charge(event, rule, paid), free

    def rule(self, event: Row, plan: str, zone: str, on: date) -> Row:
        """The price row of an event: one for its zone before one for every zone."""
        rules = [
            rule for rule in self.rules
            if rule["product_offering_id"] == plan and valid(rule, on)
            and rule["service_code"] == event["service_code"] and rule["zone_code"] in (zone, "")
        ]  # fmt: skip
        band = self.band(event, on)
        rules = [one for one in rules if one["time_band_code"] in ("", band)]
        return max(rules, key=lambda found: found["zone_code"])

    def _cut_charge(self, event: Row, plan: str, zone: str, on: date) -> Decimal:
        """Every second at the price of the band that it lies in; these prices end evenly."""
        prices = {
            rule["time_band_code"]: number(rule, "price_amount") / number(rule, "unit_quantity")
            for rule in self.rules
            if (rule["product_offering_id"], rule["zone_code"]) == (plan, zone)
            and rule["service_code"] == event["service_code"]
        }
        seconds = range(int(Decimal(event["quantity"])))
        return sum((prices[self.band(event, on, second)] for second in seconds), Decimal(0))

    def band(self, event: Row, on: date, second: int = 0) -> str:
        """The time band at a second of an event."""
        begin = datetime.fromisoformat(event["started_at"]).replace(tzinfo=UTC)
        local = (begin + timedelta(seconds=second)).astimezone(ZONE)
        is_off = on.weekday() > 4 or str(on) in self.holidays or not 8 <= local.hour < 20
        return "OFF" if is_off else "PEAK"

    def _free(self, event: Row, plan: str, zone: str, on: date, taken: Decimal) -> Decimal:
        for row in self.allowances:
            if (row["product_offering_id"], row["service_code"]) == (plan, event["service_code"]):
                if row["zone_code"] not in ("", zone):
                    return Decimal(0)
                counter = (event["subscription_id"], row["allowance_id"], f"{on:%Y-%m}")
                left = number(row, "allowance_quantity") - self.used[counter]
                self.used[counter] += taken
                return max(Decimal(0), min(taken, left))
        return Decimal(0)

    def _charge(self, event: Row, rule: Row, paid: Decimal) -> Decimal:
        if not paid:
            return Decimal(0)
        exponent = Decimal(1).scaleb(-int(rule["rounding_decimals"] or 6))
        charge = paid * number(rule, "price_amount") / number(rule, "unit_quantity")
        charge = charge.quantize(exponent, ROUND_HALF_UP) + number(rule, "connect_amount")
        charge = max(charge, number(rule, "minimum_amount"))
        charge = min(charge, Decimal(rule["maximum_amount"] or "1e9"))
        rate = self.discounts.get(event["account_id"]) or self.discounts.get(
            event["subscription_id"], Decimal(0)
        )
        return (charge * (1 - rate)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def events_in_order(operator: Operator) -> Iterator[Row]:
    """Every rated event once, in the order in which allowances are used up."""
    rows = {row["rated_usage_id"]: row for row in operator.csv("rated_usage/*/*", ";")}
    yield from sorted(rows.values(), key=lambda row: (row["started_at"], row["rated_usage_id"]))


RATING = (
    "POM-01", "POM-07", "RAT-01", "RAT-02", "RAT-03", "RAT-04", "RAT-05", "RAT-06", "RAT-07",
)  # fmt: skip


def counters(operator: Operator) -> dict[tuple[str, str], str]:
    """Counter (subscription, service and month) -> key of the planted allowance fault in it."""
    return {
        (row["value_key"].rsplit("-", 1)[1] + row["value_key"].split("|")[0],
         f"{row['period']:%Y-%m}"): row["value_key"]
        for row in operator.answers("RAT-04")
    }  # fmt: skip


def planted_key(
    event: Row, rater: Rater, planted: set[str], counted: dict[tuple[str, str], str]
) -> str:
    """The key of the planted mistake that an event just rated may belong to, or nothing."""
    if event["rated_usage_id"] in planted:
        return str(event["rated_usage_id"])
    # a gap has no price, an overlap the one that ends
    if not event["price_rule_id"]:
        return next(key for key in planted if rater.rated_by in key.split("|")[:-1])
    between = f"{event['price_rule_id']}|{rater.rated_by}"
    if between in planted:
        return between
    # a price row that nobody signed is only in billing's own list
    for rule in (rater.rated_by, event["price_rule_id"]):
        if rule in planted:
            return str(rule)
    month = f"{local_day(event['started_at']):%Y-%m}"
    return counted.get((event["service_code"] + event["subscription_id"], month), "")


def test_every_charge_is_what_a_slow_rater_computes(operator: Operator) -> None:
    planted = {row["value_key"] for control in RATING for row in operator.answers(control)}
    counted = counters(operator)
    rater = Rater(operator)
    wrong, seen = [], set()
    for event in events_in_order(operator):
        charge, free = rater.rate(event)
        if event["zero_reason_code"] == "free_account" or planted_key(
            event, rater, planted, counted
        ):
            continue
        seen.add(event["subscription_id"])
        printed = (Decimal(event["charge_amount"]), Decimal(event["allowance_quantity"]))
        if (charge, free) != printed:
            wrong.append((event, charge, free))
    assert not wrong
    assert len(seen) > 200


def test_planted_misratings_differ_by_their_answer(operator: Operator) -> None:
    answers = {
        (row["value_key"], f"{row['period']:%Y-%m}"): row["under_amount"] - row["over_amount"]
        for control in RATING for row in operator.answers(control)
    }  # fmt: skip
    counted, rater = counters(operator), Rater(operator)
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for event in events_in_order(operator):
        charge, _ = rater.rate(event)
        if event["zero_reason_code"] == "free_account":
            continue
        if key := planted_key(event, rater, {key for key, _ in answers}, counted):
            month = f"{local_day(event['started_at']):%Y-%m}"
            found[key, month] += charge - Decimal(event["charge_amount"])
    nothing = Decimal(0)
    differing = {
        key for key in found | answers if found.get(key, nothing) != answers.get(key, nothing)
    }
    assert not differing
