"""The billing feeds as files: invoices and their lines as Parquet, the rest as CSV."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingestion.simulator import copies
from ingestion.simulator.billing import Billing
from ingestion.simulator.catalogue import CURRENCY
from ingestion.simulator.files import csv_head
from ingestion.simulator.withheld import HELD_DAYS

_MONEY = "({cents} * 0.01::DECIMAL(4, 2))::DECIMAL(18, 6)"
_DAY = "DATE '{first_day}' + {day}::INTEGER"

_INVOICES = """
SELECT concat('{code}', '-', 10000000 + acct) AS invoice_id,
    concat('{number}', 10000000 + acct) AS invoice_number,
    'A' || (10000000 + acct) AS account_id, 'RUN-{tag}' AS bill_run_id,
    DATE '{issued_on}' + CASE w.state WHEN 'late' THEN {held_days} ELSE 0 END AS invoiced_on,
    DATE '{month_first}' AS period_start_on,
    DATE '{month_next}' AS period_end_on, {money}, '{currency}' AS currency_code,
    CASE WHEN w.state IN ('held', 'suppressed') THEN w.state ELSE 'issued' END AS status
FROM bill LEFT JOIN (SELECT * FROM withheld WHERE month = {month}) AS w USING (acct)
"""
_LINES = """
SELECT line_id AS invoice_line_id, concat('{code}', '-', 10000000 + acct) AS invoice_id,
    'A' || (10000000 + acct) AS account_id, subscription_id, line_type, charge_code,
    offer_id AS product_offering_id, service_code,
    CASE WHEN line_type = 'discount' THEN discount_id END AS discount_id,
    CASE WHEN line_type = 'tax' THEN discount_id END AS tax_rate_id,
    tax_group AS tax_group_code,
    CASE line_type WHEN 'tax' THEN 'VAT' WHEN 'rounding' THEN 'Cash rounding'
        WHEN 'discount' THEN 'Reduction' ELSE charge_code END AS description,
    quantity::DECIMAL(18, 6) AS quantity, {unit} AS unit_price_amount, {amount} AS line_amount,
    {start} AS service_start_on, {stop} AS service_end_on, '{currency}' AS currency_code
FROM bill_line
WHERE acct NOT IN (SELECT acct FROM withheld WHERE month = {month} AND state <> 'late')
"""
_COPY = "COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
_RUN_COLUMNS = (
    "bill_run_id",
    "bill_cycle_code",
    "period_start_on",
    "period_end_on",
    "cutoff_at",
    "issued_on",
    "status",
)
_PAYMENT_COLUMNS = (
    "payment_id",
    "account_id",
    "received_on",
    "payment_amount",
    "currency_code",
    "method_code",
)


@dataclass
class BillingDelivery:
    """Writes the feeds of every run as soon as it is made."""

    billing: Billing
    runs: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)

    def write_run(self, month: int) -> None:
        """Write the invoices of the run that was made last."""
        calendar, delivery = self.billing.calendar, self.billing.delivery
        first = calendar.month_first(month)
        issued = calendar.issued_on(month)
        second = calendar.cutoff_second(month) + 86_400
        names: dict[str, object] = {
            "code": f"I{first:%y%m}",
            "number": f"{first:%Y%m}",
            "tag": f"{first:%Y-%m}",
            "issued_on": issued,
            "month_first": first,
            "currency": CURRENCY,
            "month_next": calendar.month_first(month + 1),
            "unit": _MONEY.format(cents="unit_cents"),
            "amount": _MONEY.format(cents="cents"),
            "start": _DAY.format(first_day=calendar.first_month, day="a"),
            "stop": _DAY.format(first_day=calendar.first_month, day="b"),
            "money": ", ".join(
                f"{_MONEY.format(cents=name)} AS {column}"
                for name, column in (
                    ("previous", "previous_balance_amount"),
                    ("paid", "payment_amount"),
                    ("net", "net_amount"),
                    ("tax", "tax_amount"),
                    ("rounding", "rounding_amount"),
                    ("total", "total_amount"),
                    ("closing", "closing_balance_amount"),
                )
            ),
        }
        names |= {"month": month, "held_days": HELD_DAYS}
        queries = {
            "invoices": f"{_INVOICES}{copies.INVOICES} ORDER BY account_id, invoice_id",
            "invoice_lines": copies.LINES.format(lines=_LINES, month="{month}"),
        }
        self.credits.append(copies.credit_lines(self.billing.database, **names))
        for feed, query in queries.items():
            name = f"{feed}/{feed}_{first:%Y-%m}.parquet"
            path = delivery.place(name)
            self.billing.database.run(_COPY, query=query.format(**names), path=path)
            delivery.stamp(name, second)
        cutoff = datetime.fromtimestamp(calendar.cutoff_second(month), UTC)
        self.runs.append(
            f"RUN-{first:%Y-%m},MONTHLY,{first},{names['month_next']},{cutoff:%Y-%m-%d %H:%M:%S},"
            f"{issued},issued\n"
        )

    def write_payments(self, month: int) -> None:
        """Write what was paid for a run before the next one."""
        calendar, delivery = self.billing.calendar, self.billing.delivery
        delivery.query(
            self.billing.database,
            f"payments/payments_{calendar.month_first(month):%Y-%m}.csv",
            calendar.cutoff_second(month) + 26 * 86_400,
            """
            SELECT concat('P', '{tag}', 10000000 + acct, ',A', 10000000 + acct, ',',
                DATE '{issued}' + (14 + acct % 8)::INTEGER, ',',
                paid * 0.01::DECIMAL(4, 2), ',EUR,',
                CASE WHEN acct % 25 = 0 THEN 'cash' ELSE 'debit' END, chr(10)) AS line
            FROM balance WHERE run = {month} AND paid > 0 ORDER BY acct
            """,
            csv_head(_PAYMENT_COLUMNS),
            month=month,
            tag=f"{calendar.month_first(month):%y%m}",
            issued=calendar.issued_on(month),
        )

    def write_run_list(self) -> None:
        """Write the list of runs."""
        calendar = self.billing.calendar
        second = calendar.cutoff_second(calendar.months) + 86_400
        text = csv_head(_RUN_COLUMNS) + "".join(self.runs)
        self.billing.delivery.text("billing/bill_runs.csv", text, second)

    def write_credit_notes(self) -> None:
        """Write the credit notes of all runs."""
        calendar = self.billing.calendar
        second = calendar.cutoff_second(calendar.months) + 86_400
        text = copies.CREDIT_HEAD + "".join(self.credits)
        self.billing.delivery.text("billing/credit_notes.csv", text, second)
