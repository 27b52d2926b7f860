"""Expected values come from no table in which the checked system computed them (DESIGN §4)."""

from __future__ import annotations

import re

from tests.house import tree

# expected side -> what billing computed and the expected side may therefore not read
EXPECTED = {
    "int_usage__rerated": ("stg_billing__invoices", "stg_billing__invoice_lines"),
    "int_billing__recurring_charges": (
        "stg_billing__invoices",
        "stg_billing__invoice_lines",
        "stg_billing__rated_usage",
    ),
    "int_billing__recurring_discounts": (
        "stg_billing__invoices",
        "stg_billing__invoice_lines",
        "stg_billing__rated_usage",
    ),
    "int_catalogue__usage_terms": (
        "stg_billing__invoices",
        "stg_billing__invoice_lines",
        "stg_billing__rated_usage",
    ),
}
COMPUTED_COLUMNS = re.compile(
    r"\b(charge_amount|charged_micros|line_amount|zero_reason_code|allowance_quantity|net_amount|tax_amount)\b"
)
# What billing charged may ride along to be compared with what is expected, and nothing else.
RERATED = tree.ROOT / "dbt" / "models" / "intermediate" / "usage" / "int_usage__rerated.sql"
MAY_NAME_THE_CHARGE = re.compile(
    r"""
    'event_id', .* 'charged_micros', .*             # a column that the rater hands through
    |is_charged\ and\ .*\ coalesce\(charge_micros\ <>\ charged_micros,\ true\)\ as\ is_difference
    |cast\(sum\(charged_micros\)\ as\ bigint\)\ as\ charged_micros
    |g\.charged_micros
    """,
    re.VERBOSE,
)


def ancestors(name: str) -> set[str]:
    """Every model that the model reads, directly or not, and through the macros it calls."""
    by_name = {model.name: model for model in tree.models()}
    macros = macro_refs()
    found: set[str] = set()
    waiting = [name]
    while waiting:
        model = by_name.get(waiting.pop())
        if model is None:
            continue
        called = [ref for macro, refs in macros.items() if macro in model.sql for ref in refs]
        new = set([*model.refs, *called]) - found
        found |= new
        waiting += new
    return found


def macro_refs() -> dict[str, list[str]]:
    """The models that each macro of ours reads, by the call that a model would write."""
    found = {}
    for path in tree.sql_files("dbt/macros"):
        for text in tree.without_comments(tree.read(path)).split("{% macro ")[1:]:
            refs = re.findall(r"\bref\(\s*['\"](\w+)['\"]", text)
            if refs:
                found[text.split("(")[0] + "("] = refs
    return found


def test_expected_values_do_not_read_what_billing_computed() -> None:
    crossed = [
        f"{name} reads {table}"
        for name, forbidden in EXPECTED.items()
        for table in sorted(ancestors(name) & set(forbidden))
    ]
    tree.assert_none(crossed)
    assert "stg_crm__approved_prices" in ancestors("int_usage__rerated")
    assert "stg_crm__approved_prices" in ancestors("int_billing__recurring_charges")


def test_the_rater_names_no_column_that_billing_computed() -> None:
    found = [
        hit
        for path in tree.sql_files("dbt/macros/rating")
        if path.name != "rating_texts.sql"
        for hit in tree.find_words(path, COMPUTED_COLUMNS, tree.without_comments(tree.read(path)))
    ]
    tree.assert_none(found)


def test_billings_charge_is_only_compared_with_the_expected_one() -> None:
    lines = [line.strip().rstrip(",") for line in tree.read(RERATED).splitlines()]
    named = [line for line in lines if "charged_micros" in line]
    tree.assert_none([line for line in named if not MAY_NAME_THE_CHARGE.fullmatch(line)])
    assert len(named) == 4
