"""One record after the other: its values, or why it cannot be used (severe)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from ingestion.sources.elements import Element
from ingestion.sources.tap.audit import Found
from ingestion.sources.tap.events import (
    Plan,
    Problem,
    find_problem,
    is_totalled,
    local_time,
    make_plan,
    money_of,
    take_values,
)
from ingestion.sources.tap.head import Head, fatal, scaled
from ingestion.sources.tap.kinds import Shape
from ingestion.sources.tap.shapes import Shapes
from ingestion.sources.tap.tags import (
    LOCAL_TIME,
    Decode,
    ValueSpoiltError,
    integer,
    tables,
    tag_text,
    text,
)
from ingestion.sources.tap.tlv import MalformedError, read_header, walk

_IMSI = re.compile(r"\d{14,15}")
# Distinct sequences of tags that are remembered.
_MOST_PLANS = 20_000

Values = Sequence[bytes]
Texts = dict[str, str | None]


class _Severe(Exception):  # noqa: N818 - as the specification calls it
    """A record cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem

    @property
    def told(self) -> dict[str, str]:
        problem = self.problem
        said = {"tag": problem.tag, "value": problem.value, "what": problem.what}
        return {key: value for key, value in said.items() if value}


class Records:
    """Turns the records of one file into elements, and adds up what they charge in `found`."""

    def __init__(self, shape: Shape, head: Head, found: Found, where: str) -> None:
        self.shape, self.head, self.found, self.where = shape, head, found, where
        self.table = tables()[shape.table]
        self.plans: dict[tuple[int, ...], Plan] = {}
        self.shapes = Shapes(self.table)

    def element(self, offset: int, record: bytes) -> Element:
        """Return the next record.

        Args:
            offset: where it begins in the file, counted from 0.
            record: its octets, header and all.

        Raises:
            RoamingFileError: it charges, and the file does not say in which money.
        """
        self.found.count += 1
        no = self.found.count
        try:
            values = self._quick(record) or self._values(record)
        except _Severe as severe:
            self.found.broken += 1
            told = {"record": no, "byte": offset, **severe.told, "octets": record.hex()}
            return Element(no, self.head.values, severe.problem.reason, json.dumps(told))
        values["record_no"] = str(no)
        values["byte_offset"] = str(offset)
        return Element(no, values, None, record.hex())

    def _quick(self, record: bytes) -> Texts | None:
        """Return the values of a record that is like one before, if it is."""
        shape = self.shapes.find(record)
        if shape is None:
            return None
        try:
            found, money = shape.read(record, self.head.places)
        except ValueSpoiltError:
            # The long way says what is wrong.
            return None
        if shape.charges:
            self.found.add(money, is_refund=found.get("is_refund") == "1")
        return found

    def _values(self, record: bytes) -> Texts:
        header = read_header(record, 0)
        name = self.table.names.get(header.tag, "")
        record_type = self.shape.record_types.get(name)
        if record_type is None:
            what = f"{name or 'an element of no known name'} is no record of {self.shape.kind}"
            raise _Severe(Problem("record_type", tag_text(header.tag), "", what))
        try:
            tags, values = walk(record, 0, len(record))
        except MalformedError as error:
            what = f"{error.what}, {error.at} octets into the record"
            raise _Severe(Problem("structure", tag_text(header.tag), "", what)) from None
        plan = self._plan(tuple(tags))
        if self.shape.kind == "rap" and not plan.problem:
            return {**self.head.values, "record_type": record_type, **self._returned(plan, values)}
        problem = plan.problem or find_problem(plan, values)
        if problem:
            raise _Severe(problem)
        found = {**self.head.values, "record_type": record_type, **_taken(plan, values)}
        if plan.start:
            self._add_time(found, plan.start, values)
        self._add_money(found, plan, values)
        self.shapes.learn(record, plan, values, found)
        return found

    def _plan(self, tags: tuple[int, ...]) -> Plan:
        plan = self.plans.get(tags)
        if plan is None:
            if len(self.plans) >= _MOST_PLANS:
                self.plans.clear()
            plan = self.plans[tags] = make_plan(tags, self.table)
        return plan

    def _add_time(self, found: Texts, start: tuple[int, int, bool], values: Values) -> None:
        """Add the local time of the event and its own offset."""
        local, offset, is_code = start
        try:
            said = found["started_local"] = local_time(values[local])
        except ValueSpoiltError as error:
            problem = Problem("time", LOCAL_TIME, values[local].hex(), error.args[0])
            raise _Severe(problem) from None
        if offset < 0:
            what = "the time has no UTC offset"
            raise _Severe(Problem("utc_offset", "UtcTimeOffset", "", what))
        zone = self._zone(values[offset]) if is_code else _offset(values[offset])
        found["utc_offset"] = zone
        found["started_at"] = said + zone

    def _zone(self, code: bytes) -> str:
        zone = _of_code(self.head.offsets, code)
        if zone is None:
            what = "NetworkInfo has no offset of this code"
            raise _Severe(Problem("utc_offset", "UtcTimeOffsetCode", code.hex(), what))
        return zone

    def _add_money(self, found: Texts, plan: Plan, values: Values) -> None:
        """Add what the record charges; a TAP record without a total charge is of no use."""
        if self.shape.kind == "nrtrde":
            return
        if not is_totalled(plan, values):
            what = "the record has no charge of type 00"
            raise _Severe(Problem("charge", "ChargeDetail", "", what))
        places = self.head.places
        if places is None:
            raise fatal("TapDecimalPlaces is missing: no charge has a value", self.where)
        if self.head.values["currency_code"] is None:
            raise fatal("TapCurrency and LocalCurrency are missing", self.where)
        money = money_of(plan, values)
        found["charge_amount"] = scaled(money.charge, places)
        found["camel_fee_amount"] = scaled(money.camel, places)
        found["tax_amount"] = scaled(money.tax, places)
        found["discount_amount"] = scaled(money.discount, places)
        if plan.rates:
            found["exchange_rate"] = self._rate(plan, values)
        self.found.add(money, is_refund=found.get("is_refund") == "1")

    def _returned(self, plan: Plan, values: Values) -> Texts:
        """Return what a return says; a spoilt value, perhaps the reason for it, is left out.

        The codes of a returned record are those of the file that it came in: neither its UTC offset
        nor its exchange rate can be told here.
        """
        found: Texts = {}
        for name, place, decode in plan.takes:
            value = _decoded(decode, values[place])
            if value and not value.startswith("-") and (name != "imsi" or _IMSI.fullmatch(value)):
                found[name] = value
        if plan.start:
            found["started_local"] = _decoded(_real_time, values[plan.start[0]])
        if plan.errors:
            codes = {_decoded(integer, values[place]) or "" for place in plan.errors} - {""}
            found["error_codes"] = " ".join(sorted(codes, key=int))
        amounts = [*(amount for _, amount in plan.charges), *plan.direct, *plan.taxes]
        amounts += [*plan.camel, *plan.discounts]
        is_sound = all(_decoded(integer, values[place]) for place in amounts)
        if plan.is_charged and is_sound and self.head.places is not None:
            money = money_of(plan, values)
            found["charge_amount"] = scaled(money.charge, self.head.places)
            found["tax_amount"] = scaled(money.tax, self.head.places)
        return found

    def _rate(self, plan: Plan, values: Values) -> str | None:
        """Return the exchange rate of the first charge; all codes must be known."""
        rates = [_of_code(self.head.rates, values[place]) for place in plan.rates]
        if None in rates:
            code = values[plan.rates[rates.index(None)]].hex()
            what = "AccountingInfo has no exchange rate of this code"
            raise _Severe(Problem("exchange_rate", "ExchangeRateCode", code, what))
        return rates[0]


def _of_code(known: dict[bytes, str], code: bytes) -> str | None:
    return known.get(code) or known.get(code.lstrip(b"\0") or b"\0")


def _taken(plan: Plan, values: Values) -> Texts:
    try:
        found = take_values(plan, values)
    except ValueSpoiltError as error:
        raise _Severe(Problem("value", *error.args)) from None
    return found


def _decoded(decode: Decode, value: bytes) -> str | None:
    try:
        return decode(value)
    except ValueSpoiltError:
        return None


def _real_time(value: bytes) -> str:
    said = local_time(value)
    try:
        return str(datetime.fromisoformat(said))
    except ValueError:
        raise ValueSpoiltError("it is no time of any day") from None


def _offset(value: bytes) -> str:
    try:
        said = text(value)
    except ValueSpoiltError:
        said = ""
    if len(said) != 5 or said[0] not in "+-" or not said[1:].isdecimal():
        what = "it is no offset, such as +0100"
        raise _Severe(Problem("utc_offset", "UtcTimeOffset", value.hex(), what))
    return said
