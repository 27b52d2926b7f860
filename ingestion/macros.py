"""Words that a mapping may use in its column expressions, as macros of the loader's connection.

Each takes delivered text (or a figure) and gives an exact value. What is no such value raises, and
the line is quarantined with reason `type`; an empty value stays empty. docs/mapping.md lists them.
"""

from __future__ import annotations

import duckdb

# ISO 4217: currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXACT = "DECIMAL(38,12)"
_FIGURE = r"[+-]?(\d+\.?\d*|\.\d+)"
_DEBIT, _CREDIT = "'D', 'DR', 'DEBIT', 'S', '+'", "'C', 'CR', 'CREDIT', 'H', '-'"


def add_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection the words of mappings."""
    for statement in _STATEMENTS:
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {statement}")


def _checked(value: str, kind: str, holds: str, what: str, text: str = "x") -> str:
    """Return SQL for a value where the text is right, null where it is empty, else a failure."""
    # error() would say it better, but TRY takes no function that may have effects.
    fails = f"CAST('{what}: ' || {text}::VARCHAR AS BIGINT)::{kind}"
    return (
        f"CASE WHEN nullif({text}::VARCHAR, '') IS NULL THEN NULL WHEN {holds} THEN {value}"
        f" ELSE {fails} END"
    )


def _is(pattern: str, text: str = "x") -> str:
    return f"regexp_full_match(trim({text}::VARCHAR), '{pattern}')"


def _epoch(name: str, digits: int) -> str:
    """Seconds, or thousandths and so on of them, since 1970: text in UTC that says so."""
    whole = "trim(x::VARCHAR)::DECIMAL(38,9)"
    micros = f"({whole} * {10 ** (6 - digits)})" if digits <= 6 else f"({whole} / 1000)"
    if digits > 6:
        # Nanoseconds are cut, not rounded: an event never starts later than it did.
        micros = f"(floor({whole})::HUGEINT // 1000)"
    moment = f"make_timestamp(({micros})::BIGINT)"
    value = f"strftime({moment}, '%Y-%m-%d %H:%M:%S.%f') || '+00'"
    return f"{name}(x) AS {_checked(value, 'VARCHAR', _is(_FIGURE), 'no epoch')}"


def _clock_seconds() -> str:
    """`HH:MM:SS`, `MM:SS`, each with decimals of a second; hours may be many."""
    parts = "string_split(trim(x::VARCHAR), ':')"
    value = (
        f"(CASE len({parts}) WHEN 3 THEN {parts}[1]::BIGINT * 3600 ELSE 0 END"
        f" + {parts}[-2]::BIGINT * 60 + {parts}[-1]::DECIMAL(18,3))::DECIMAL(18,3)"
    )
    right = _is(r"(\d{1,7}:)?[0-5]?\d:[0-5]\d(\.\d{1,3})?")
    return f"clock_seconds(x) AS {_checked(value, 'DECIMAL(18,3)', right, 'no clock')}"


def _packed_seconds(name: str, decimals: int) -> str:
    """`HHMMSS` without colons, perhaps with hundredths; hours may have more digits."""
    text = "trim(x::VARCHAR)"
    tail = 2 + decimals
    value = (
        f"(left({text}, length({text}) - {tail + 2})::BIGINT * 3600"
        f" + left(right({text}, {tail + 2}), 2)::BIGINT * 60"
        f" + right({text}, {tail})::DECIMAL(18,3) / {10**decimals})::DECIMAL(18,3)"
    )
    right = _is(rf"\d{{2,6}}[0-5]\d[0-5]\d\d{{{decimals}}}")
    return f"{name}(x) AS {_checked(value, 'DECIMAL(18,3)', right, 'no duration')}"


def _times(name: str, factor: int) -> str:
    """A figure in a larger unit, in its base unit."""
    value = f"(trim(x::VARCHAR)::DECIMAL(24,6) * {factor}::DECIMAL(14,0))::DECIMAL(38,6)"
    return f"{name}(x) AS {_checked(value, 'DECIMAL(38,6)', _is(_FIGURE), 'no figure')}"


def _minor_units() -> str:
    digits = " ".join(
        f"WHEN upper(trim(currency)) IN ({', '.join(map(repr, codes.split()))}) THEN"
        f" {10 ** (4 - count)}"
        for count, codes in _MINOR_DIGITS.items()
    )
    value = (
        f"(trim(amount::VARCHAR)::DECIMAL(24,8) * (CASE {digits} ELSE 100 END)::DECIMAL(5,0)"
        " * 0.0001::DECIMAL(5,4))::DECIMAL(38,12)"
    )
    right = f"{_is(_FIGURE, 'amount')} AND {_is('[A-Za-z]{3}', 'currency')}"
    checked = _checked(value, _EXACT, f"coalesce({right}, false)", "no amount", "amount")
    return f"minor_units(amount, currency) AS {checked}"


def _signed(name: str, positive: str, negative: str) -> str:
    """An amount without sign, signed by the mark beside it."""
    figure = "trim(amount::VARCHAR)::DECIMAL(38,12)"
    mark = "upper(trim(mark))"
    value = f"CASE WHEN {mark} IN ({positive}) THEN {figure} ELSE -{figure} END"
    right = f"{_is(_FIGURE, 'amount')} AND {mark} IN ({positive}, {negative})"
    checked = _checked(value, _EXACT, f"coalesce({right}, false)", "no mark", "amount")
    return f"{name}(amount, mark) AS {checked}"


def _decimal_comma() -> str:
    """`1.234,56`, `1 234,56`, `1'234,56`, with a sign before or behind."""
    text = "trim(x::VARCHAR)"
    bare = f"replace(regexp_replace({text}, '[-+. '' \u00a0\u202f]', '', 'g'), ',', '.')"
    value = f"(CASE WHEN contains({text}, '-') THEN '-' ELSE '' END || {bare})::DECIMAL(38,12)"
    right = _is("[-+]?(\\d{1,3}([. ''\u00a0\u202f]\\d{3})+|\\d+)(,\\d{1,12})? ?[-+]?")
    both = f"regexp_matches({text}, '^[-+].*[-+]$')"
    return f"decimal_comma(x) AS {_checked(value, _EXACT, f'{right} AND NOT {both}', 'no figure')}"


def luhn_sql(text: str) -> str:
    """Return SQL that holds when the digits of a text satisfy the Luhn check."""
    digits = f"list_transform(string_split(reverse({text}), ''), lambda d: TRY_CAST(d AS INTEGER))"
    total = (
        f"list_sum(list_transform({digits}, lambda d, i: CASE WHEN i % 2 = 1 THEN d"
        " WHEN d > 4 THEN 2 * d - 9 ELSE 2 * d END))"
    )
    return f"coalesce({total} % 10 = 0, false)"


_STATEMENTS = [
    _epoch("from_epoch", 0),
    _epoch("from_epoch_ms", 3),
    _epoch("from_epoch_us", 6),
    _epoch("from_epoch_ns", 9),
    _clock_seconds(),
    _packed_seconds("hhmmss_seconds", 0),
    _packed_seconds("hhmmsscc_seconds", 2),
    _times("minutes_to_seconds", 60),
    _times("kb_to_bytes", 1000),
    _times("mb_to_bytes", 1000**2),
    _times("gb_to_bytes", 1000**3),
    _times("kib_to_bytes", 1024),
    _times("mib_to_bytes", 1024**2),
    _times("gib_to_bytes", 1024**3),
    "gigawords(octets, words) AS (coalesce(nullif(words::VARCHAR, ''), '0')::HUGEINT * 4294967296"
    " + nullif(octets::VARCHAR, '')::HUGEINT)::DECIMAL(38,0)",
    _minor_units(),
    _signed("debit_positive", _DEBIT, _CREDIT),
    _signed("credit_positive", _CREDIT, _DEBIT),
    _decimal_comma(),
    f"is_luhn(x) AS {luhn_sql('x::VARCHAR')}",
]
