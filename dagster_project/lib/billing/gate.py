"""What must be looked at before a run is released: bills unlike those before, and bills missing.

The gate only points; whoever lets a kind of points pass says so by name and with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from dagster_project.lib.money import in_micros

KINDS: Mapping[str, str] = {
    "outlier": "the amount is unlike the account's own history",
    "zero": "the invoice is of 0.00",
    "negative": "the invoice is below zero",
    "left_out": "an active account gets no invoice",
    "count": "the number of invoices is unlike that of the last run",
    "value": "the value is unlike that of the last run",
}


@dataclass(frozen=True)
class GateLimits:
    """From where on a difference is a point.

    Attributes: outlier_ratio (of the median of the account's issued invoices), outlier_amount (a
        smaller difference is never one), change_ratio (of count and value of the last run).
    """

    outlier_ratio: Decimal = Decimal("0.5")
    outlier_amount: Decimal = Decimal("10")
    change_ratio: Decimal = Decimal("0.1")


_STANDING = """
    create temp table d_standing as
    select i.* from in_issued as i
    where document_type = 'invoice' and billing_month <= $month and not exists (
        select 1 from in_issued as c where c.corrects_invoice_number = i.invoice_number
            and not coalesce(c.is_part, false))
"""
# the two middle amounts are the same one when their number is odd
_HISTORY = """
    create temp table d_history as
    select account_id, currency_code, len(amounts) as invoice_count,
        (amounts[(len(amounts) + 1) // 2] + amounts[(len(amounts) + 2) // 2]) // 2 as median_micros
    from (
        select account_id, currency_code,
            list(cast(total_amount * 1000000 as bigint) order by total_amount) as amounts
        from d_standing where billing_month < $month
        group by account_id, currency_code)
"""
_POINTS = """
    create temp table d_points as
    select 'outlier' as kind, account_id, currency_code,
        cast(median_micros as decimal(18,0)) * 0.000001 as before_amount, total_amount as amount,
        concat('median of ', invoice_count, ' invoices') as detail
    from d_invoices join d_history using (account_id, currency_code)
    where greatest(
            cast($outlier_micros as hugeint) * 1000000,
            cast($outlier_millionths as hugeint) * abs(median_micros)
        ) < abs(cast(total_amount * 1000000 as hugeint) - median_micros) * 1000000
    union all
    select 'zero', account_id, currency_code, null, total_amount, ''
    from d_invoices where total_amount = 0
    union all
    select 'negative', account_id, currency_code, null, total_amount, ''
    from d_invoices where total_amount < 0
    union all
    select 'left_out', account_id, coalesce(currency_code, ''), null, estimated_amount,
        concat_ws(': ', reason_code, nullif(reason, ''))
    from d_left_out
"""
# the run against the month that was billed last, over the same accounts or cycle
_RUNS = """
    create temp table d_runs as
    with standing as (
        select * from d_standing
        where ($cycle = '' or bill_cycle_code = $cycle) and ($account = '' or account_id = $account)
    ),
    last_month as (select max(billing_month) as month from standing where billing_month < $month),
    before as (
        select currency_code, count(*) as invoice_count, sum(total_amount) as amount
        from standing where billing_month = (select month from last_month) group by 1
    ),
    after as (
        select currency_code, count(*) as invoice_count, sum(total_amount) as amount
        from (
            select currency_code, total_amount from d_invoices
            union all
            select currency_code, total_amount from standing where billing_month = $month)
        group by 1
    )
    select (select month from last_month) as last_month,
        coalesce(b.currency_code, a.currency_code) as currency_code,
        coalesce(b.invoice_count, 0) as before_count, coalesce(a.invoice_count, 0) as after_count,
        cast(coalesce(b.amount, 0) as decimal(18,6)) as before_amount,
        cast(coalesce(a.amount, 0) as decimal(18,6)) as amount
    from before as b full join after as a using (currency_code)
    where (select month from last_month) is not null
"""
_CHANGES = """
    insert into d_points
    select 'count', '', currency_code, before_count, after_count,
        concat('invoices in ', strftime(last_month, '%Y-%m'))
    from d_runs
    where $account = '' and cast(abs(after_count - before_count) as hugeint) * 1000000
        > cast($change_millionths as hugeint) * before_count
    union all
    select 'value', '', currency_code, before_amount, amount,
        concat('value of ', strftime(last_month, '%Y-%m'))
    from d_runs
    where $account = '' and cast(abs(amount - before_amount) * 1000000 as hugeint) * 1000000
        > cast($change_millionths as hugeint) * cast(abs(before_amount) * 1000000 as hugeint)
"""


def find_points(
    connection: duckdb.DuckDBPyConnection, scope: Mapping[str, Any], limits: GateLimits
) -> None:
    """Make the tables `d_points` and `d_runs` from the draft and what was issued before.

    Args: scope: month, cycle and account of the run.
    """
    given = {
        **scope,
        "outlier_micros": in_micros(limits.outlier_amount),
        "outlier_millionths": in_micros(limits.outlier_ratio),
        "change_millionths": in_micros(limits.change_ratio),
    }
    for sql in (_STANDING, _HISTORY, _POINTS, _RUNS, _CHANGES):
        connection.execute(sql, {n: value for n, value in given.items() if f"${n}" in sql})
