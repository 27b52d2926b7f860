"""How the values of one source column become a contract column: fit, expression, note."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingestion.contracts import Column
from ingestion.mapping import Operator
from ingestion.suggest.names import load_words, split_name, words_of
from ingestion.suggest.profile import Profile

_EPOCHS = {"second": "", "milli": "_ms", "micro": "_us", "nano": "_ns"}


@dataclass(frozen=True)
class Reading:
    """One way to read a source column: `fit` of its values 0 to 1, SQL when it is not plain."""

    fit: float
    expression: str | None = None
    time_format: str | None = None
    has_comma: bool = False
    national_length: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    unknown_codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read(column: Column, profile: Profile, operator: Operator) -> Reading | None:
    """Return how a column of the file could be read as a contract column; None when it cannot."""
    if not profile.filled:
        return None
    if column.type == "timestamp":
        return read_time(profile)
    if column.type == "date":
        return _date(profile)
    if column.is_figure:
        return read_figure(profile)
    if column.type == "boolean":
        share = profile.share("boolean")
        return Reading(share) if share > 0.9 and profile.distinct <= 2 else None
    if column.allowed:
        return _codes(column, profile)
    if column.number:
        return _number(profile, operator)
    return _text(column, profile)


def read_time(profile: Profile) -> Reading | None:
    """Read a column as moments."""
    if profile.share("iso_time", "offset") > 0.9:
        return Reading(1.0)
    if profile.time_format and "%H" in profile.time_format or "%I" in (profile.time_format or ""):
        notes = ("day and month could be swapped: no day over 12 in the sample",)
        told = notes if profile.is_ambiguous else ()
        return Reading(0.95, time_format=profile.time_format, notes=told)
    for kind, unit in _EPOCHS.items():
        if profile.shares.get(kind, 0) > 0.98 and profile.distinct > 1:
            return Reading(0.9, f"from_epoch{unit}({profile.sql})", notes=("since 1970, UTC",))
    if profile.share("iso_date") > 0.9:
        return Reading(0.6, notes=("a date without time of day",))
    if profile.time_format:
        expression = f"strptime({profile.sql}, '{profile.time_format}')"
        return Reading(0.6, expression, notes=("a date without time of day",))
    return None


def _date(profile: Profile) -> Reading | None:
    if profile.share("iso_date") > 0.9:
        return Reading(1.0)
    if profile.share("iso_time", "offset") > 0.9:
        return Reading(0.9, f"left({profile.sql}, 10)", notes=("the day as the file says it",))
    told = profile.time_format
    if told:
        return Reading(0.95, f"strptime({profile.sql}, '{told}')::date")
    return None


def read_figure(profile: Profile) -> Reading | None:
    """Read a column as figures."""
    if profile.share("integer", "point") > 0.95:
        return Reading(1.0 if profile.share("point") else 0.9)
    if profile.share("integer", "comma", "dotted") > 0.95:
        return Reading(1.0, has_comma=True)
    if profile.share("integer", "point", "grouped") > 0.95:
        return Reading(0.9, f"replace({profile.sql}, ',', '')")
    if profile.share("symbol") > 0.9:
        digits = f"regexp_replace({profile.sql}, '[^0-9.,-]', '', 'g')"
        if any("," in value[-3:] for value in profile.top):
            return Reading(0.9, f"decimal_comma({digits})")
        return Reading(0.9, f"cast(replace({digits}, ',', '') as decimal(18, 6))")
    return None


def _codes(column: Column, profile: Profile) -> Reading | None:
    allowed = set(column.allowed)
    if not profile.is_listed:
        return None
    if set(profile.top) <= allowed:
        return Reading(1.0)
    known = load_words()["codes"].get(column.name, {})
    codes, unknown = {}, []
    for value in profile.top:
        if value in allowed:
            continue
        meant = _meaning(value, known)
        if meant:
            codes[value] = meant
        else:
            unknown.append(value)
    share = 1 - len(unknown) / len(profile.top)
    return Reading(0.2 + 0.7 * share, codes=codes, unknown_codes=tuple(unknown))


def _meaning(value: str, known: dict[str, list[str]]) -> str | None:
    tokens = {value.lower(), *split_name(value)}
    for meant, words in known.items():
        if tokens & {str(word).lower() for word in words}:
            return meant
    return None


def _number(profile: Profile, operator: Operator) -> Reading | None:
    if profile.share("phone") < 0.9 or profile.share("second") > 0.98:
        return Reading(0.3) if profile.distinct > 1 else None
    length = next(iter(profile.lengths), 0)
    code = operator.home_country_code
    national = (
        length + len(code) <= 13
        and profile.lengths.get(length, 0) > 0.9 * profile.filled
        and not any(value.startswith(("+", "0", code)) for value in profile.top)
    )
    if not national:
        return Reading(1.0)
    note = f"numbers of {length} digits are taken for national ones of country {code}"
    return Reading(1.0, national_length=length, notes=(note,))


def _text(column: Column, profile: Profile) -> Reading | None:
    if column.pattern == "^[A-Z]{3}$":
        if profile.share("currency") > 0.98 and profile.distinct <= 5:
            return Reading(1.0)
        lower = all(len(value) == 3 and value.isalpha() for value in profile.top)
        if lower and profile.distinct <= 5:
            return Reading(0.9, f"upper({profile.sql})")
        return None
    if column.name.endswith("_id") and _is_measure(profile):
        return Reading(0.1)
    return Reading(0.8)


def _is_measure(profile: Profile) -> bool:
    """Tell whether a column holds figures or times rather than names of things."""
    words = set(words_of(profile.name))
    says = words & {"amount", "duration", "quantity", "date", "time", "second", "minute", "tax"}
    return bool(says) or profile.share("point", "comma", "iso_time", "iso_date") > 0.5
