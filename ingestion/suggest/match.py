"""Which column of an unknown file is which column of a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ingestion.contracts import Column, Contract
from ingestion.mapping import Operator
from ingestion.suggest.names import likeness, load_words, words_of
from ingestion.suggest.profile import Profile, sql_name
from ingestion.suggest.quantities import Quantity, quantity_of
from ingestion.suggest.readings import Reading, read

_LEAST_NAME, _LEAST_FIT = 0.45, 0.3
# Found apart; and what a record is a part of, nobody can tell from names: the operator says it.
_LATER = ("quantity", "unit_code", "session_id", "part_type_code")


@dataclass(frozen=True)
class Match:
    """One contract column and what fills it: the source columns, SQL if not plain, how sure."""

    column: Column
    sources: tuple[str, ...]
    expression: str | None
    confidence: float
    reading: Reading = field(default_factory=lambda: Reading(1.0))
    notes: tuple[str, ...] = ()

    @property
    def is_assumed(self) -> bool:
        """Tell whether it stands for a column that the file does not have."""
        return not self.sources


@dataclass(frozen=True)
class Sheet:
    """An unknown file: its name, sample and the profile of each column."""

    name: str
    sample: pa.Table
    profiles: tuple[Profile, ...]

    def profile(self, name: str) -> Profile:
        """Return the profile of one column."""
        return next(one for one in self.profiles if one.name == name)


def match(contract: Contract, sheet: Sheet, operator: Operator) -> list[Match]:
    """Propose what fills each column of a contract, in its order; leave out what nothing fills."""
    found = {one.column.name: one for one in _pairs(contract, sheet, operator)}
    for column in contract.columns:
        if column.name == "quantity":
            _put(found, _quantity(column, sheet, found))
    for column in contract.columns:
        if column.name not in found and column.required:
            _put(
                found,
                _again(column, sheet, operator) or _assumed(contract, column, operator, found),
            )
    _add_derived(contract, found, sheet)
    if "unit_code" in {column.name for column in contract.columns}:
        _put(found, _unit_code(contract, found, sheet))
    return [found[column.name] for column in contract.columns if column.name in found]


def _put(found: dict[str, Match], one: Match | None) -> None:
    if one is not None:
        found[one.column.name] = one


def _pairs(contract: Contract, sheet: Sheet, operator: Operator) -> list[Match]:
    """Pair columns greedily: the likeliest pair first, each column of the file once."""
    rated = []
    for column in contract.columns:
        for profile in sheet.profiles:
            if column.name in _LATER:
                continue
            one = _pair(contract, column, profile, operator)
            if one:
                rated.append(one)
    rated.sort(key=lambda one: (-one.confidence, not one.column.required))
    taken: set[str] = set()
    pairs: dict[str, Match] = {}
    for one in rated:
        if one.column.name in pairs or one.sources[0] in taken:
            continue
        pairs[one.column.name] = _with_clock(one, sheet, taken)
        taken.update(pairs[one.column.name].sources)
    return list(pairs.values())


def _pair(contract: Contract, column: Column, profile: Profile, operator: Operator) -> Match | None:
    reading = read(column, profile, operator)
    if reading is None or reading.fit < _LEAST_FIT:
        return None
    name = likeness(profile.name, column.name)
    if name < _LEAST_NAME:
        if not _says_it_alone(column, reading):
            return None
        name = 0.3
    confidence = 0.65 * name + 0.35 * reading.fit
    if contract.key[0] == column.name and len(sure_keys(contract)) == 1 and not profile.is_unique:
        confidence *= 0.6
    if not column.required:
        confidence -= 0.05
    return Match(
        column, (profile.name,), reading.expression, round(confidence, 2), reading, reading.notes
    )


def sure_keys(contract: Contract) -> list[str]:
    """Return the key columns that every row has."""
    return [name for name in contract.key if contract.column(name).required]


def _says_it_alone(column: Column, reading: Reading) -> bool:
    """Tell whether values are enough: a currency, a moment, codes that are known."""
    if column.type == "timestamp":
        return column.required and reading.fit > 0.8
    if column.pattern == "^[A-Z]{3}$":
        return column.name == "currency_code" and reading.fit == 1.0
    return bool(column.allowed) and reading.fit >= 0.85 and column.required


def _with_clock(one: Match, sheet: Sheet, taken: set[str]) -> Match:
    """Join a date with the time of day that stands in a column of its own."""
    if one.column.type != "timestamp" or one.reading.fit > 0.7:
        return one
    clocks = [
        profile
        for profile in sheet.profiles
        if profile.share("clock") > 0.98
        and profile.name not in taken
        and ("time" in words_of(profile.name) or "start" in words_of(profile.name))
    ]
    if not clocks:
        return one
    date, clock = sheet.profile(one.sources[0]), clocks[0]
    joined = f"{date.sql} || ' ' || {clock.sql}"
    if date.time_format:
        short = all(value.count(":") == 1 for value in clock.top)
        pattern = f"{date.time_format} {'%H:%M' if short else '%H:%M:%S'}"
        joined = f"strptime({joined}, '{pattern}')"
    reading = replace(one.reading, fit=0.95, notes=("date and time of day joined",))
    return replace(
        one,
        sources=(date.name, clock.name),
        expression=joined,
        confidence=round(one.confidence + 0.15, 2),
        reading=reading,
        notes=reading.notes,
    )


def _quantity(column: Column, sheet: Sheet, found: dict[str, Match]) -> Match | None:
    """Find what was measured; time for calls and volume for data may stand in two columns."""
    taken = {name for one in found.values() for name in one.sources}
    best: dict[str, tuple[float, Quantity]] = {}
    for profile in sheet.profiles:
        name = likeness(profile.name, "quantity")
        if profile.name in taken or name < _LEAST_NAME:
            continue
        measured = quantity_of(profile, sheet.sample, sheet.profiles)
        if measured and name > best.get(measured.base, (0, measured))[0]:
            best[measured.base] = (name, measured)
    if not best:
        return None
    data = _codes_for(found.get("service_code"), sheet, "data")
    if len(best) == 2 and data:
        return _two_quantities(column, best, data, sheet, found)
    name, one = max(best.values(), key=lambda item: item[0])
    return _as_match(column, one, name)


def _as_match(column: Column, one: Quantity, name: float) -> Match:
    reading = Reading(one.sureness, has_comma=one.has_comma and one.expression is None)
    sure = round(0.5 * name + 0.5 * one.sureness, 2)
    return Match(column, (one.profile.name,), one.expression, sure, reading, (one.why,))


def _two_quantities(
    column: Column,
    best: dict[str, tuple[float, Quantity]],
    data: Sequence[str],
    sheet: Sheet,
    found: dict[str, Match],
) -> Match:
    service = sheet.profile(found["service_code"].sources[0])
    (name, time), (_, volume) = best["second"], best["byte"]
    texts = [
        one.expression or f"cast({one.profile.sql} as decimal(18, 3))" for one in (volume, time)
    ]
    listed = ", ".join(f"'{code}'" for code in data)
    expression = f"case when {service.sql} in ({listed}) then {texts[0]} else {texts[1]} end"
    sources = (time.profile.name, volume.profile.name)
    return Match(column, sources, expression, round(name, 2), notes=(time.why, volume.why))


def _codes_for(service: Match | None, sheet: Sheet, meant: str) -> list[str]:
    """Return the codes in the file that mean a service."""
    if service is None or not service.sources:
        return []
    codes = service.reading.codes
    return [one for one in sheet.profile(service.sources[0]).top if codes.get(one, one) == meant]


def _unit_code(contract: Contract, found: dict[str, Match], sheet: Sheet) -> Match | None:
    column = contract.column("unit_code")
    quantity, service = found.get("quantity"), found.get("service_code")
    if quantity is None:
        return None
    bases = {"second": "voice", "byte": "data"}
    seen = [
        quantity_of(sheet.profile(name), sheet.sample, sheet.profiles) for name in quantity.sources
    ]
    base = next((one.base for one in seen if one), "second")
    whens = ""
    for unit, meant in (("byte", "data"), ("event", "sms"), ("second", "voice")):
        codes = _codes_for(service, sheet, meant)
        if codes and bases.get(base) != meant and service:
            listed = ", ".join(f"'{code}'" for code in codes)
            whens += f" when {sheet.profile(service.sources[0]).sql} in ({listed}) then '{unit}'"
    sure = quantity.confidence
    if not whens:
        return Match(column, (), f"'{base}'", sure, notes=("as the quantity",))
    return Match(column, (), f"case{whens} else '{base}' end", sure, notes=("by the service",))


def _again(column: Column, sheet: Sheet, operator: Operator) -> Match | None:
    """Let a column of the file serve twice where a required column has nothing else."""
    rated = []
    for profile in sheet.profiles:
        reading = read(column, profile, operator)
        name = likeness(profile.name, column.name)
        if reading is None or reading.fit < _LEAST_FIT:
            continue
        if name >= _LEAST_NAME or (column.allowed and _says_it_alone(column, reading)):
            sure = round(0.5 * (0.65 * max(name, 0.3) + 0.35 * reading.fit), 2)
            notes = (*reading.notes, "the same column serves twice")
            rated.append(Match(column, (profile.name,), reading.expression, sure, reading, notes))
    return max(rated, key=lambda one: one.confidence, default=None)


def _composed(column: Column, found: dict[str, Match], moment: str) -> Match | None:
    """Number events that nothing numbers: by who, when, with whom and what."""
    owner = next(
        (one for one in ("service_id", "subscription_id", "account_id") if one in found), ""
    )
    names = (owner, moment, "other_party_number", "service_code")
    sources = [one for name in names if name in found for one in found[name].sources]
    if not owner or len(sources) < 2:
        return None
    expression = " || '@' || ".join(f"coalesce({sql_name(one)}, '')" for one in sources)
    notes = ("nothing numbers the events: two at once by one number would be one",)
    return Match(column, tuple(sources), expression, 0.3, notes=notes)


def _assumed(
    contract: Contract, column: Column, operator: Operator, found: dict[str, Match]
) -> Match | None:
    if column.name == "currency_code":
        note = "from [operator]: the file names no currency"
        return Match(column, (), f"'{operator.currency_code}'", 0.5, notes=(note,))
    if column.name == "service_code" and "quantity" in found:
        return Match(column, (), "'voice'", 0.3, notes=("the file names no service",))
    if column.name == "subscription_id" and "service_id" in found:
        number = found["service_id"]
        note = "the number stands for the subscription"
        plain = number.expression or sql_name(number.sources[0])
        return Match(column, number.sources, plain, 0.4, notes=(note,))
    moments = [one for one in found.values() if one.column.type == "timestamp"]
    if column.name == contract.key[0] and moments:
        return _composed(column, found, moments[0].column.name)
    told = load_words()["assumed"].get(column.name)
    return Match(column, (), told[0], 0.3, notes=(told[1],)) if told else None


def _add_derived(contract: Contract, found: dict[str, Match], sheet: Sheet) -> None:
    """Compute the third of net, tax and total from the other two."""
    names = {"net_amount": "-", "tax_amount": "-", "total_amount": "+"}
    columns = {column.name for column in contract.columns}
    missing = [name for name in names if name in columns and name not in found]
    if not set(names) <= columns or len(missing) != 1:
        return
    [name] = missing
    first, second = {
        "net_amount": ("total_amount", "tax_amount"),
        "tax_amount": ("total_amount", "net_amount"),
        "total_amount": ("net_amount", "tax_amount"),
    }[name]
    parts = [_decimal(found[one], sheet) for one in (first, second)]
    expression = f" {names[name]} ".join(parts)
    sources = (*found[first].sources, *found[second].sources)
    note = f"{first} {names[name]} {second}"
    _put(found, Match(contract.column(name), sources, expression, 0.6, notes=(note,)))


def _decimal(one: Match, sheet: Sheet) -> str:
    text = one.expression or sheet.profile(one.sources[0]).sql
    return f"decimal_comma({text})" if one.reading.has_comma else f"cast({text} as decimal(18, 6))"
