"""SQL that turns a delivered telephone number into E.164 digits."""

from __future__ import annotations


def e164_sql(text: str, home_country_code: str) -> str:
    """Return SQL for the digits of a number without plus, country code first.

    A value with letters is a line or a name, not a number, and stays as delivered. A short code
    keeps its digits. A single leading zero is a national number of the home country.
    """
    digits = _country(f"regexp_replace({text}, '[^0-9+]', '', 'g')", home_country_code)
    # Nearly all are whole already, which is told at a third of the price of the expression.
    return (
        f"CASE WHEN {text} >= '1' AND {text} NOT GLOB '*[^0-9]*' THEN {text}"
        f" WHEN regexp_full_match({text}, '\\+?[0-9]+')"
        f" THEN {_country(text, home_country_code)}"
        f" WHEN regexp_full_match({text}, '[-+0-9 ()./]+') THEN nullif({digits}, '')"
        f" ELSE trim({text}) END"
    )


def head_sql(number: str) -> str:
    """Return SQL for the first nine digits, padded with zeros: the key of a prefix search."""
    return (
        f"CASE WHEN length({number}) >= 9 THEN TRY_CAST(left({number}, 9) AS BIGINT)"
        f" ELSE TRY_CAST(rpad({number}, 9, '0') AS BIGINT) END"
    )


def _country(text: str, home_country_code: str) -> str:
    return (
        f"CASE WHEN starts_with({text}, '+') THEN substr({text}, 2)"
        f" WHEN starts_with({text}, '00') THEN substr({text}, 3)"
        f" WHEN starts_with({text}, '0') THEN '{home_country_code}' || substr({text}, 2)"
        f" ELSE {text} END"
    )
