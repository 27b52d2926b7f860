"""What a bill run says of itself: one document, for JSON and as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dagster_project.lib.billing.content import DraftContent
from dagster_project.lib.billing.gate import KINDS
from dagster_project.lib.money import show

MOST_LINES = 20
Row = Mapping[str, Any]


def make_report(
    run: Row, content: DraftContent, accepted: Sequence[Row], events: Sequence[Row]
) -> dict[str, Any]:
    """Everything there is to say about one bill run.

    Args: run: its row in the store, with `issued_count`; accepted: the gate's points that somebody
        let pass; events: who did what when.
    """
    points = content.rows("points")
    passed = {one["kind"]: one for one in accepted}
    counts = Counter(row["kind"] for row in points)
    gate = [
        {
            "kind": kind,
            "meaning": KINDS[kind],
            "count": counts[kind],
            "is_open": kind not in passed,
            "accepted_by": passed.get(kind, {}).get("accepted_by"),
            "reason": passed.get(kind, {}).get("reason"),
        }
        for kind in KINDS
        if counts[kind]
    ]
    held = content.rows("held")
    return {
        **run,
        "totals": content.totals(),
        "lines": content.line_totals(),
        "held_by_reason": _by_reason(held),
        "held": held,
        "left_out": content.rows("left_out"),
        "gate": gate,
        "points": points,
        "last_run": [
            {**row, "count_difference": row["after_count"] - row["before_count"],
             "amount_difference": row["amount"] - row["before_amount"]}
            for row in content.rows("runs")
        ],
        "journal": content.rows("journal"),
        "events": list(events),
    }  # fmt: skip


def open_points(content: DraftContent) -> dict[str, int]:
    """How many points of each kind the gate has."""
    return dict(Counter(row["kind"] for row in content.rows("points")))


def _by_reason(held: Sequence[Row]) -> list[dict[str, Any]]:
    """Held charges by reason and currency: how many, and what they are worth about."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in held:
        key = (row["reason_code"] or "", row["currency_code"] or "")
        one = found.setdefault(
            key,
            {"reason_code": key[0], "currency_code": key[1], "count": 0, "amount": Decimal(0)},
        )
        one["count"] += 1
        one["amount"] += row["estimated_amount"] or 0
    return [found[key] for key in sorted(found)]


def report_lines(report: Row) -> Iterator[str]:
    """The report as a person reads it."""
    yield from _head(report)
    for total in report["totals"]:
        code = total["currency_code"]
        yield (
            f"  {total['invoice_count']} invoices: net {show(total['net_amount'], code)}, "
            f"tax {show(total['tax_amount'], code)}, total {show(total['total_amount'], code)}"
        )
    for line in report["lines"]:
        late = " of earlier months" if line["is_late"] else ""
        yield (
            f"  {line['line_count']} lines {line['line_type']}{late}: "
            f"{show(line['line_amount'], line['currency_code'])}"
        )
    for row in report["last_run"]:
        yield (
            f"against {row['last_month']:%Y-%m}: {row['count_difference']:+d} invoices "
            f"({row['before_count']} before), "
            f"{show(row['amount_difference'], row['currency_code'])} "
            f"({show(row['before_amount'], row['currency_code'])} before)"
        )
    yield from _problems(report)
    yield "journal:"
    for row in report["journal"]:
        side, amount = ("debit", row["debit_amount"])
        if not amount:
            side, amount = ("credit", row["credit_amount"])
        words = (row["entry_type"], row["gl_account_id"], row["line_type"], row["tax_name"])
        name = " ".join(word for word in words if word)
        yield f"  {side} {name}: {show(amount, row['currency_code'])}"


def _head(report: Row) -> Iterator[str]:
    narrowed = [
        f", {name} {report[column]}"
        for name, column in (("cycle", "bill_cycle_code"), ("account", "account_id"))
        if report[column]
    ]
    yield (
        f"bill run {report['bill_run_id']} for {report['billing_month']:%Y-%m}"
        f"{''.join(narrowed)}: {report['status']}, {report['issued_count']} of "
        f"{report['invoice_count']} invoices issued"
    )
    for event in report["events"]:
        detail = f" ({event['detail']})" if event["detail"] else ""
        yield f"  {event['event']} by {event['actor']} at {event['happened_at']} UTC{detail}"


def _problems(report: Row) -> Iterator[str]:
    for row in report["held_by_reason"]:
        yield (
            f"held: {row['count']} charges, {row['reason_code']}, about "
            f"{show(row['amount'], row['currency_code'])}"
        )
    yield from _some(
        f"  {row['account_id'] or 'no account'} {row['charge_code'] or ''}: {row['reason']}"
        for row in report["held"]
    )
    for one in report["gate"]:
        state = "OPEN" if one["is_open"] else f"accepted by {one['accepted_by']}: {one['reason']}"
        yield f"gate: {one['count']} {one['kind']} ({one['meaning']}): {state}"
    yield from _some(map(_point, report["points"]))


def _point(row: Row) -> str:
    def plain(amount: Decimal) -> str:
        return f"{amount:.0f}" if row["kind"] == "count" else show(amount, row["currency_code"])

    before = row["before_amount"]
    was = "" if before is None else f"{plain(before)} -> "
    name = row["account_id"] or "all accounts"
    return f"  {row['kind']} {name}: {was}{plain(row['amount'])} {row['detail']}".rstrip()


def _some(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == MOST_LINES:
            yield "  ... and more: --json has all"
            return
        yield line
