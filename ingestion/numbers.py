"""SQL that turns a delivered telephone number into E.164 digits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingestion.sections import Section
from ingestion.times import quoted


@dataclass(frozen=True)
class Numbering:
    """How a source writes telephone numbers.

    `national_lengths` are lengths of national numbers that are delivered with no prefix at all;
    `strip` are regular expressions of what is taken off first, such as `^sip:`.
    """

    home_country_code: str
    international_prefixes: tuple[str, ...] = ("00",)
    national_prefix: str = "0"
    national_lengths: tuple[int, ...] = ()
    strip: tuple[str, ...] = ()

    @property
    def is_told_by_zero(self) -> bool:
        """Tell whether every number that does not begin with a zero or a plus is whole."""
        prefixes = (*self.international_prefixes, self.national_prefix or "0")
        return not self.national_lengths and all(one.startswith("0") for one in prefixes)


def take_numbering(section: Section) -> Numbering | None:
    """Read how a feed writes numbers, where that is not as the operator's country does."""
    raw = section.take("numbers", dict, None)
    if raw is None:
        return None
    inner = Section(raw, f"{section.where} numbers")
    lengths = inner.take("national_lengths", list, [])
    numbering = Numbering(
        home_country_code=inner.take("home_country_code", str),
        international_prefixes=inner.texts("international_prefixes") or ("00",),
        national_prefix=inner.take("national_prefix", str, "0"),
        national_lengths=tuple(lengths),
        strip=inner.texts("strip"),
    )
    inner.done()
    digits = (numbering.home_country_code, *numbering.international_prefixes)
    if not all(re.fullmatch(r"\d{1,5}", one) for one in digits):
        inner.fail("home_country_code", "and international_prefixes are digits", "write 44, 011")
    if not re.fullmatch(r"\d{0,3}", numbering.national_prefix):
        inner.fail("national_prefix", f"is {numbering.national_prefix!r}", 'write digits, or ""')
    if not all(type(one) is int and one > 0 for one in lengths):
        inner.fail("national_lengths", f"is {lengths!r}", "write whole numbers such as [9]")
    for pattern in numbering.strip:
        try:
            re.compile(pattern)
        except re.error as error:
            inner.fail("strip", f"{pattern!r} is no regular expression: {error}", "correct it")
    return numbering


def e164_sql(text: str, numbering: Numbering) -> str:
    """Return SQL for the digits of a number without plus, country code first.

    A value with letters is a line or a name, not a number, and stays as delivered. A short code
    keeps its digits. What begins with the national prefix is a number of the home country.
    """
    for pattern in numbering.strip:
        text = f"regexp_replace({text}, {quoted(pattern)}, '')"
    digits = _country(f"regexp_replace({text}, '[^0-9+]', '', 'g')", numbering)
    # Nearly all are whole already, which is told at a third of the price of the expression.
    whole = f"WHEN {text} >= '1' AND {text} NOT GLOB '*[^0-9]*' THEN {text}"
    return (
        f"CASE {whole if numbering.is_told_by_zero else ''}"
        f" WHEN regexp_full_match({text}, '\\+?[0-9]+')"
        f" THEN {_country(text, numbering)}"
        f" WHEN regexp_full_match({text}, '[-+0-9 ()./]+') THEN nullif({digits}, '')"
        f" ELSE trim({text}) END"
    )


def head_sql(number: str) -> str:
    """Return SQL for the first nine digits, padded with zeros: the key of a prefix search."""
    return (
        f"CASE WHEN length({number}) >= 9 THEN TRY_CAST(left({number}, 9) AS BIGINT)"
        f" ELSE TRY_CAST(rpad({number}, 9, '0') AS BIGINT) END"
    )


def _country(text: str, numbering: Numbering) -> str:
    home, national = numbering.home_country_code, numbering.national_prefix
    whens = [f"WHEN starts_with({text}, '+') THEN substr({text}, 2)"]
    for prefix in sorted(numbering.international_prefixes, key=lambda one: (-len(one), one)):
        whens.append(f"WHEN starts_with({text}, '{prefix}') THEN substr({text}, {len(prefix) + 1})")
    if numbering.national_lengths:
        lengths = ", ".join(map(str, numbering.national_lengths))
        whens.append(f"WHEN length({text}) IN ({lengths}) THEN '{home}' || {text}")
    if national:
        rest = f"substr({text}, {len(national) + 1})"
        whens.append(f"WHEN starts_with({text}, '{national}') THEN '{home}' || {rest}")
    return f"CASE {' '.join(whens)} ELSE {text} END"
