"""Does a draft add up? An invoice that does not is a fault of the models and is not issued."""

from __future__ import annotations

import duckdb

from dagster_project.lib.billing.numbers import print_number
from dagster_project.lib.errors import DataError

_CHECKS = {
    "its lines do not add up to its net amount": """
        select i.account_id from d_invoices as i
        left join (select draft_no, sum(line_amount) as amount from d_lines group by all) as l
            using (draft_no)
        where i.net_amount <> coalesce(l.amount, 0)""",
    "its taxes do not add up to its tax amount": """
        select i.account_id from d_invoices as i
        left join (select draft_no, sum(tax_amount) as amount from d_taxes group by all) as t
            using (draft_no)
        where i.tax_amount <> coalesce(t.amount, 0)""",
    "net, tax and rounding do not add up to its total": """
        select account_id from d_invoices
        where net_amount + tax_amount + rounding_amount <> total_amount""",
    "one of its line keys names two lines": """
        select i.account_id from d_invoices as i join d_lines as l using (draft_no)
        where l.expected_line_key in (
            select expected_line_key from d_lines group by all having count(*) > 1)""",
    "it is expected twice": """
        select account_id from d_invoices group by account_id, currency_code having count(*) > 1""",
}


def refuse_unsound(connection: duckdb.DuckDBPyConnection) -> None:
    """Look whether every invoice of the draft adds up and can be numbered.

    Raises: DataError, naming the first accounts.
    """
    for what, sql in _CHECKS.items():
        accounts = [str(row[0]) for row in connection.execute(f"{sql} order by 1").fetchall()]
        if accounts:
            raise DataError(
                "TIE-3069",
                f"an expected invoice cannot be billed: {what}",
                where=f"{len(accounts)} accounts: {', '.join(accounts[:5])}",
                effect="no draft was made",
                fix="this is a fault of the models; report it with the rows of these accounts",
            )
    _refuse_patterns(connection)


def _refuse_patterns(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select distinct i.legal_entity_code, s.invoice_number_pattern from d_invoices as i "
        "join in_sellers as s using (legal_entity_code) "
        "where s.invoice_number_pattern is not null order by 1"
    ).fetchall()
    seen: dict[str, str] = {}
    for entity, pattern in rows:
        print_number(pattern, entity, 2000, 1)
        other = seen.setdefault(pattern, entity)
        if other != entity and "{entity}" not in pattern:
            raise DataError(
                "TIE-3068",
                f"two legal entities would print the same numbers: '{pattern}'",
                where=f"legal_entities: {other} and {entity}, column invoice_number_pattern",
                effect="no draft was made",
                fix="put {entity} into the pattern, or give each its own letters",
            )
