"""`tieout explain` of an expected charge, or of a line of an issued invoice: how it comes about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagster_project.commands.bill import open_office
from dagster_project.commands.context import open_current
from dagster_project.commands.options import Options
from dagster_project.commands.talk import print_json, print_lines
from dagster_project.lib.errors import DataError
from dagster_project.lib.money import show_exact

Row = Mapping[str, Any]
_FINDING = re.compile(r"[0-9a-f]{1,32}")
_LINE = "select * from fct_expected_invoice_lines where expected_line_key = $key"
# A line of a month of calls is explained by its first ones; --json has all.
MOST_EVENTS = 20


def is_charge(name: str) -> bool:
    """Whether a name is that of a charge; findings have ids of hexadecimal digits."""
    return _FINDING.fullmatch(name) is None


def explain(options: Options, name: str, *, as_json: bool) -> int:
    """Print a charge with its arithmetic step by step, and the events behind an issued one.

    Raises: DataError when nothing has that name.
    """
    line, events = _issued(options, name) or _expected(options, name)
    if as_json:
        print_json({"line": line, "events": events})
    else:
        print_lines(_page(line, events))
    return 0


def _issued(options: Options, name: str) -> tuple[Row, Sequence[Row]] | None:
    """The line NUMBER:LINE of an issued invoice, with its events from the frozen draft."""
    number, colon, line_no = name.rpartition(":")
    if not colon or not line_no.isdigit():
        return None
    office = open_office(options)
    found = office.document(number)
    line = next((one for one in found.lines if one["line_no"] == int(line_no)), None)
    if line is None:
        raise DataError(
            "TIE-3054",
            f"{number} has no line {line_no}",
            where=f"{number} has {len(found.lines)} lines",
            effect="nothing to explain",
            fix=f"`tieout invoice {number}` shows them with their numbers",
        )
    key = line["expected_line_key"]
    events = [one for one in office.events(found.invoice) if one["expected_line_key"] == key]
    head = {
        name: found.invoice[name] for name in ("invoice_number", "billing_month", "currency_code")
    }
    return {**line, **head}, events


def _expected(options: Options, name: str) -> tuple[Row, Sequence[Row]]:
    """The line of that key in the published snapshot; the snapshot keeps no events."""
    snapshot = open_current(options)
    rows = snapshot.rows(_LINE, {"key": name})
    if not rows:
        raise DataError(
            "TIE-3054",
            f"there is no expected charge {name}",
            where=f"snapshot {snapshot.snapshot_id}",
            effect="nothing to explain",
            fix="take expected_line_key from fct_expected_invoice_lines, or NUMBER:LINE of an "
            "issued invoice (`tieout invoice NUMBER`)",
        )
    return rows[0], []


def _page(line: Row, events: Sequence[Row]) -> Iterator[str]:
    code = line["currency_code"]
    if number := line.get("invoice_number"):
        yield f"invoice    {number}, line {line['line_no']}"
    yield f"charge     {line['expected_line_key']}"
    late = line["origin_month"] and line["origin_month"] < line["billing_month"]
    of = f", of {line['origin_month']:%Y-%m}" if late else ""
    yield f"month      {line['billing_month']:%Y-%m}{of}"
    yield f"text       {line['description'] or line['charge_code']}"
    yield f"price row  {line['price_rule_id'] or '-'}"
    yield f"amount     {show_exact(line['line_amount'], code)} {code}"
    for step in _steps(line["arithmetic"]):
        yield f"           {step}"
    for event in events[:MOST_EVENTS]:
        place = f"{event['_source_file']}:{event['_source_row']}"
        yield f"event      {event['event_id']} at {event['started_at']} UTC ({place})"
        for step in _steps(event["arithmetic"]):
            yield f"           {step}"
    if len(events) > MOST_EVENTS:
        yield f"           ... and {len(events) - MOST_EVENTS} more events: --json lists all"


def _steps(arithmetic: str | None) -> Iterator[str]:
    """The steps of an arithmetic, one a line."""
    yield from filter(None, re.split(r"; |, | -> |(?= = )", arithmetic or ""))
