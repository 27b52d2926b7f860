"""rate_usage and rate_groups: usage of a month under a price of its own.

Every case becomes an offer and a subscription of its own, every group of a case, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from .family import MICRO, Family, Figures, Project, decimal
from .feeds import MONTH, Case, Feeds, Inputs, Row, UnsupportedError, add_offer
from .usage_prices import FIELDS, Terms, terms_of

ONE_MONTH = {"period_from": f"{MONTH}-01", "period_through": f"{MONTH}-01"}
# The months that stand in for those of a case, by their days.
MONTHS = {28: "2026-02", 29: "2024-02", 30: "2026-06", 31: MONTH}
# No case costs this much, so every event differs from it and is kept with its arithmetic.
CHARGED = "987654.321"
SERVICE_OF = {"voice": ("voice", "second"), "sms": ("sms", "event"), "data": ("data", "byte")}
# What a group may call the quantity that it measures, or the values that it takes it from.
MEASURES = ("value", "max", "usage", "sum", "total", "units", "values", "records", "amounts")
PICO = Decimal("0.000000000001")


def add_usage(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """rate_usage: the events of a case, after one of the quantity before."""
    terms = terms_of(name, inputs)
    month = _month_of(inputs)
    add_offer(name, "data", feeds, terms.price, since="2024-01-01")
    for tier in terms.tiers:
        feeds.add("price_tiers", price_rule_id=name, currency_code="EUR", **tier)
    for allowance in terms.allowances:
        feeds.add("allowances", allowance_id=name, product_offering_id=name, **allowance)
    for discount in terms.discounts:
        feeds.add("discounts", discount_id=name, subscription_id=name, **discount)
    if tax := inputs.get("tax_percent"):
        feeds.add(
            "tax_rates", tax_rate_id=name, tax_name="VAT", tax_group_code=name,
            rate_ratio=Decimal(tax) / 100, valid_from_on="2000-01-01",
        )  # fmt: skip
    before = Decimal(inputs.get("quantity_before", "0"))
    if before:
        _add(f"{name}#before", name, f"{month}-01 10:00:00", terms.sized(before), feeds)
    for number, event in enumerate(_events(inputs, terms, month)):
        moment = event.pop("day", f"{month}-02")
        started = f"{moment} {10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
        _add(name if number == 0 else f"{name}#{number}", name, started, event, feeds)
    _add_interim_bill(name, inputs, month, bool(before), feeds)


def _month_of(inputs: Inputs) -> str:
    """The month of ours that has as many days as the one of a case."""
    days = {
        event["days_in_period"] for event in inputs.get("events", []) if "days_in_period" in event
    }
    if "period_from" in inputs:
        begin, end = inputs["period_from"][:10], inputs["period_to"][:10]
        if begin[8:] != "01" or end[8:] != "01":
            raise UnsupportedError("a period other than the calendar month")
        days = {_days_between(begin, end)}
    if not days:
        return MONTH
    if len(days) > 1 or not days <= set(MONTHS):
        raise UnsupportedError("a period other than a month")
    return MONTHS[days.pop()]


def _days_between(begin: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(begin)).days


def _events(inputs: Inputs, terms: Terms, month: str) -> Iterator[Row]:
    """The events of a case: its quantity, or what it lists."""
    if "opening_level" in inputs:
        earlier = date.fromisoformat(f"{month}-01") - timedelta(days=9)
        yield terms.sized(Decimal(inputs["opening_level"])) | {"day": earlier}
    if terms.is_level and "events" not in inputs:
        full = Decimal(inputs.get("quantity_for_tier") or inputs["unit_amount_divisor"])
        active = terms.sized(Decimal(inputs["quantity"]))["quantity"]
        yield terms.sized(full) | {"active_quantity": active}
        return
    for metric, records in inputs.get("unit_records", {}).items():
        for record in records:
            yield terms.sized(Decimal(record)) | {"metric_code": metric}
    for event in inputs.get("events", []):
        yield _event(event, terms, month)
    if "quantity" in inputs and (terms.is_of_amount or Decimal(inputs["quantity"])):
        yield terms.sized(Decimal(inputs["quantity"]))


def _event(event: Any, terms: Terms, month: str) -> Row:
    """An event that a case lists: a figure, or units with the part of the period they are there."""
    if not isinstance(event, Mapping):
        return terms.sized(Decimal(event))
    units = Decimal(next(event[k] for k in ("units", "delta", "quantity", "amount") if k in event))
    row = terms.sized(units)
    if "active_days" in event:
        row["day"] = f"{month}-{event['days_in_period'] - event['active_days'] + 1:02}"
    elif "date" in event:
        row["day"] = f"{month}{event['date'][7:10]}"
    elif "prorated_units" in event or "fraction" in event:
        active = event.get("prorated_units") or units * Decimal(event["fraction"])
        row["active_quantity"] = round(terms.sized(Decimal(active))["quantity"], 3)
    return row


def _add_interim_bill(
    name: str, inputs: Inputs, month: str, has_events: bool, feeds: Feeds
) -> None:
    """What the case says of earlier bills of the month."""
    told = {"previously_billed", "is_first_in_period", "is_last_in_period"} & set(inputs)
    if not told and not has_events:
        return
    is_first = inputs.get("is_first_in_period", not has_events)
    feeds.add(
        "interim_bills", subscription_id=name, price_rule_id=name, usage_month=f"{month}-01",
        billed_until_at=f"{month}-01 12:00:00", billed_amount=inputs.get("previously_billed"),
        is_begun=str(not is_first).lower(), currency_code="EUR",
        is_last=str(inputs.get("is_last_in_period", True)).lower(),
    )  # fmt: skip


def add_groups(name: str, inputs: Inputs, feeds: Feeds) -> None:
    """rate_groups: each group a subscription of its own."""
    for number, group in enumerate(_groups(inputs)):
        add_usage(_group_name(name, number), group, feeds)


def _group_name(name: str, number: int) -> str:
    return f"{name}#group{number}"


def _groups(inputs: Inputs) -> list[Inputs]:
    """The cases that the groups of a case are by themselves; groups are the list it has besides."""
    key = next((key for key in inputs if _is_list(inputs[key]) and key not in FIELDS), None)
    key = key or ("events" if _is_list(inputs.get("events")) else None)
    if key is None:
        raise UnsupportedError("groups under a name that is not known")
    shared = {k: v for k, v in inputs.items() if k not in (key, "calc")}
    listed = inputs[key].values() if isinstance(inputs[key], Mapping) else inputs[key]
    return [shared | _group(group) for group in listed]


def _is_list(value: object) -> bool:
    return isinstance(value, list | Mapping)


def _group(group: object) -> Inputs:
    """What a group says: its quantity, its events, or fields of a case and what it is called."""
    if isinstance(group, list):
        return {"events": group}
    if not isinstance(group, Mapping):
        return {"quantity": group}
    known = {key: value for key, value in group.items() if key in FIELDS}
    if not {"quantity", "events"} & set(known):
        value = next((group[key] for key in MEASURES if key in group), None)
        if value is None:
            raise UnsupportedError(f"a group of {sorted(group)}")
        known |= _group(value)
    return known


def add_event(
    event_id: str, name: str, service: str, quantity: str, day: int, feeds: Feeds
) -> None:
    """An event that billing charged with an amount that no price gives."""
    _add(event_id, name, f"{MONTH}-{day:02} 10:00:00", {"quantity": quantity}, feeds, service)


def _add(
    event_id: str, name: str, started_at: str, event: Row, feeds: Feeds, service: str = "data"
) -> None:
    code, unit = SERVICE_OF[service]
    shared: Row = {"service_id": f"N-{name}", "service_code": code, "started_at": started_at}
    shared |= {"network_record_id": event_id, "unit_code": unit} | event
    feeds.add("network_usage", call_type_code="originating", **shared)
    feeds.add(
        "rated_usage", rated_usage_id=event_id, account_id=f"A-{name}", subscription_id=name,
        charge_amount=CHARGED, currency_code="EUR", **shared,
    )  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """What the models make of a case."""

    charge: Decimal
    rated: Decimal
    chargeable: Decimal


def rate(home: Path, feeds: Feeds) -> dict[str, Rated]:
    """Every event as the models rate it."""
    query = (
        "select event_id, charge_micros, rated_milli, chargeable_milli "
        "from main.int_usage__rerated where is_difference and charge_micros is not null"
    )
    with Project(home, feeds).built(ONE_MONTH, ["int_usage__rerated"]) as connection:
        return {
            name: Rated(micros * MICRO, rated / Decimal(1000), chargeable / Decimal(1000))
            for name, micros, rated, chargeable in connection.execute(query).fetchall()
        }


MODELS = ["int_usage__tier_parts", "fct_expected_charges", "fct_expected_invoices"]
QUERIES = {
    "charges": """select subscription_id, billing_month as month, sum(gross_amount) as gross,
        sum(net_amount) as net from main.fct_expected_charges where charge_type = 'usage'
        group by all""",
    "months": "select event_month as month, * from main.int_usage__period_charges",
    "bills": """select account_id[3:] as subscription_id, billing_month as month,
        total_amount as total from main.fct_expected_invoices""",
    "events": """select subscription_id, event_month as month, sum(chargeable_milli) as chargeable
        from main.int_usage__rerated where not event_id like '%#before' group by all""",
}


@dataclass(frozen=True)
class Found:
    """The rows of the models, by subscription."""

    tables: dict[str, dict[tuple[str, str], Row]]
    parts: dict[tuple[str, str], list[Row]]

    def of(self, table: str, name: str, month: str) -> Any:
        """The row of a month of a subscription, or an empty one."""
        return self.tables[table].get((name, month), {})


def _answer(home: Path, feeds: Feeds, cases: Sequence[Case]) -> dict[str, Figures]:
    with Project(home, feeds).built(_window(cases), MODELS) as connection:
        tables = {}
        for key, query in QUERIES.items():
            rows = connection.sql(query).to_arrow_table().to_pylist()
            tables[key] = {_key(row): row for row in rows}
        parts: dict[tuple[str, str], list[Row]] = {}
        query = "select event_month as month, * from main.int_usage__tier_parts order by tier_no"
        for row in connection.sql(query).to_arrow_table().to_pylist():
            parts.setdefault(_key(row), []).append(row)
    found = Found(tables, parts)
    return {case["id"]: _case(case, found) for case in cases}


def _window(cases: Sequence[Case]) -> dict[str, str]:
    """The months that stand in for those of the cases, and all between."""
    parts = [
        part
        for inputs in (case["inputs"] for case in cases)
        for part in (_groups(inputs) if inputs["calc"] == "rate_groups" else [inputs])
    ]
    months = sorted({_month_of(part) for part in parts} | {MONTH})
    return {"period_from": f"{months[0]}-01", "period_through": f"{months[-1]}-01"}


def _key(row: Row) -> tuple[str, str]:
    return str(row["subscription_id"]), str(row["month"])[:7]


def _case(case: Case, found: Found) -> Figures:
    name, inputs = case["id"], case["inputs"]
    if inputs["calc"] == "rate_usage":
        figures = figures_of(name, inputs, found)
        told = case["expected"].get("lines", [])
        # A source tells a line by some of its figures.
        if len(told) == len(figures["lines"]):
            pairs = zip(figures["lines"], told, strict=True)
            figures["lines"] = [{key: line.get(key) for key in one} for line, one in pairs]
        return figures
    groups = [figures_of(_group_name(name, n), g, found) for n, g in enumerate(_groups(inputs))]
    figures = {key: sum(group[key] for group in groups) for key in ("amount", "total")}
    lists = ("amounts", "bucket_amounts", "group_amounts", "bucket_costs", "group_costs")
    return figures | dict.fromkeys(lists, [group["amount"] for group in groups])


def figures_of(name: str, inputs: Inputs, found: Found) -> Figures:
    """What the models say of a case, under the names of its figures."""
    terms, when = terms_of(name, inputs), _month_of(inputs)
    month, charges = found.of("months", name, when), found.of("charges", name, when)
    total = charges.get("net" if "line_rounding" in inputs else "gross", Decimal(0))
    figures: Figures = {
        "amount": total,
        "total": total,
        "amount_before_rounding": charges.get("gross", Decimal(0)),
        "total_with_tax": found.of("bills", name, when).get("total"),
        "billed_quantity": Decimal(found.of("events", name, when).get("chargeable", 0))
        / 1000
        / terms.unit,
    }
    if month:
        figures |= _month_figures(month, terms, inputs)
    figures["lines"] = [_line(part, terms) for part in found.parts.get((name, when), [])]
    return figures


def _month_figures(month: Row, terms: Terms, inputs: Inputs) -> Figures:
    money = {
        key.removesuffix("_micros"): Decimal(str(value)) * MICRO
        for key, value in month.items()
        if key.endswith("_micros") and value is not None
    }
    decimals = (inputs.get("compare_decimals") or {}).get("unit_price_effective", 6)
    effective = Decimal(str(month["effective_picos"])) * PICO * terms.scale
    size = Decimal(1).scaleb(-decimals)
    return {
        "amount": _compared("amount", money["charge"] + money["discount"], inputs),
        "amount_before_rounding": money["usage"] + money["unused"],
        "discount": money["discount"],
        "total": money["total"],
        "max_spend_discount": money["maximum"],
        "minimum_spend_line": money["minimum"],
        "percentage_amount": money["share"],
        "fixed_amount": money["fixed"],
        "packages": month["unit_count"],
        "billed_quantity": Decimal(str(month["billed_units"])) * MICRO,
        "units": _compared("units", Decimal(str(month["weighted"])) * MICRO / terms.scale, inputs),
        "closing_level": Decimal(str(month["closing"])) / 1000 / terms.scale,
        "unit_price_effective": decimal(effective.quantize(size, ROUND_HALF_UP)),
    }


def _compared(key: str, value: Decimal, inputs: Inputs) -> Decimal:
    decimals = (inputs.get("compare_decimals") or {}).get(key)
    return value if decimals is None else round(value, decimals)


def _line(part: Row, terms: Terms) -> Figures:
    measured = Decimal(str(part["measured"])) / 1000
    return {
        "amount": Decimal(str(part["part_micros"])) * MICRO,
        "flat_amount": Decimal(str(part["fixed_micros"])) * MICRO,
        "blocks": part["unit_count"],
        "packages": part["unit_count"],
        "quantity": measured / terms.unit,
        "units": measured / terms.unit,
    }


FAMILY = Family({"rate_usage": add_usage, "rate_groups": add_groups}, _answer)
