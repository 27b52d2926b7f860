"""Each rule of a contract, by a value that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingestion.landing import HEADER, USAGE, Landing, usage_line

INVOICES = '[feeds.invoices]\npath = "i.csv"\n'
INVOICE_NAMES = "invoice_id,account_id,invoiced_on,net_amount,tax_amount,total_amount,currency_code"


def invoice(**changes: str) -> str:
    fields = {
        "invoice_id": "I1",
        "account_id": "A1",
        "invoiced_on": "2026-07-31",
        "net_amount": "1.00",
        "tax_amount": "0.19",
        "total_amount": "1.19",
        "currency_code": "EUR",
    }
    return ",".join({**fields, **changes}.values())


def quarantined(landing: Landing, columns: str) -> Sequence[tuple[Any, ...]]:
    return landing.rows(columns, "tieout__quarantined_rows")


@pytest.mark.parametrize(
    ("changes", "reason", "column", "value"),
    [
        ({"service_id": ""}, "required", "service_id", None),
        ({"service_code": "fax"}, "allowed", "service_code", "fax"),
        ({"service_code": "VOICE"}, "allowed", "service_code", "VOICE"),
        ({"started_at": "yesterday"}, "type", "started_at", "yesterday"),
        ({"started_at": "2026-13-01 00:00:00"}, "type", "started_at", "2026-13-01 00:00:00"),
        ({"quantity": "-1"}, "range", "quantity", "-1"),
        ({"quantity": "1.2345"}, "type", "quantity", "1.2345"),
        ({"quantity": "1e-9"}, "type", "quantity", "1e-9"),
        ({"quantity": "lots"}, "type", "quantity", "lots"),
        ({"quantity": "1" * 16}, "type", "quantity", "*******11"),
        ({"service_id": "+"}, "type", "service_id", "*"),
        ({"unit_code": "second,"}, "column_count", None, None),
        ({"unit_code": ""}, "required", "unit_code", None),
        ({"unit_code": 'second"'}, "quote", None, None),
        ({"service_id": "+", "quantity": "x"}, "type", "service_id", "*"),
    ],
)
def test_a_broken_rule_is_named(
    landing: Landing, changes: dict[str, str], reason: str, column: str | None, value: str | None
) -> None:
    lines = [HEADER, usage_line(1), usage_line(2, **changes), usage_line(3)]
    landing.put("net/a.csv", "\n".join(lines) + "\n")
    landing.ingest()
    assert landing.rows("network_record_id") == [("N000001",), ("N000003",)]
    assert quarantined(landing, "source_row, reason_code, column_name, value") == [
        (3, reason, column, value)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "0"},
        {"quantity": "1.2000"},
        {"quantity": " 1.5 "},
        {"quantity": "1e3"},
        {"quantity": "999999999999999.999"},
        {"other_party_number": ""},
        {"other_party_number": "voicemail"},
        {"started_at": "2026-07-01T10:00:00Z"},
    ],
)
def test_a_kept_rule_is_no_reason(landing: Landing, changes: dict[str, str]) -> None:
    landing.put("net/a.csv", f"{HEADER}\n{usage_line(1, **changes)}\n")
    landing.ingest()
    assert quarantined(landing, "*") == []
    assert len(landing.rows("1")) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency_code": "Euro"}, "pattern"),
        ({"currency_code": "eur"}, "pattern"),
        ({"invoiced_on": "31.07.2026"}, "type"),
        ({"invoiced_on": "2026-07-31 10:00:00"}, "type"),
        ({"invoiced_on": "infinity"}, "type"),
        ({"net_amount": "1.1234567"}, "type"),
        ({"net_amount": "1,00"}, "column_count"),
    ],
)
def test_rules_of_plain_feeds(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    landing = Landing(tmp_path / "p", INVOICES)
    landing.put("i.csv", f"{INVOICE_NAMES}\n{invoice()}\n{invoice(**changes)}\n")
    landing.ingest()
    assert landing.rows("net_amount, invoiced_on", "billing__invoices") == [
        (Decimal("1.000000"), date(2026, 7, 31))
    ]
    assert quarantined(landing, "source_row, reason_code, natural_key, event_on") == [
        (3, reason, "I1", None)
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("2.5", None), ("7", 7), ("+7", 7), ("0x10", None), ("x", None)]
)
def test_a_whole_number_has_no_decimals(tmp_path: Path, text: str, expected: int | None) -> None:
    landing = Landing(tmp_path / "p", '[feeds.price_tiers]\npath = "t.csv"\n')
    names = "price_rule_id,tier_no,price_amount,currency_code"
    landing.put("t.csv", f"{names}\nR1,{text},1,EUR\n")
    landing.ingest()
    found = landing.rows("tier_no", "billing__price_tiers")
    assert found == ([] if expected is None else [(expected,)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("0", False), ("Y", True), ("", None), ("perhaps", "type"), ("10", "type")],
)
def test_truth_values(tmp_path: Path, text: str, expected: bool | str | None) -> None:
    landing = Landing(tmp_path / "p", '[feeds.subscriptions]\npath = "s.csv"\n')
    names = "subscription_id,account_id,service_id,product_offering_id,status,is_multi_sim"
    landing.put("s.csv", f"{names},valid_from_on\nS1,A1,0151,P1,active,{text},2026-01-01\n")
    landing.ingest()
    if expected == "type":
        assert quarantined(landing, "reason_code, column_name") == [("type", "is_multi_sim")]
    else:
        assert landing.rows("is_multi_sim", "billing__subscriptions") == [(expected,)]


def test_personal_values_are_masked(landing: Landing) -> None:
    landing.put("net/a.csv", f"{HEADER}\n{usage_line(1, service_id='---------')}\n")
    landing.ingest()
    assert quarantined(landing, "value") == [("*******--",)]


def test_the_first_broken_rule_by_order_of_columns_is_told(landing: Landing) -> None:
    line = usage_line(1, service_code="fax", call_type_code="", quantity="-1")
    landing.put("net/a.csv", f"{HEADER}\n{line}\n")
    landing.ingest()
    assert quarantined(landing, "reason_code, column_name") == [("allowed", "service_code")]


def test_keys_and_day_are_told_where_they_can_be_read(landing: Landing) -> None:
    lines = [
        usage_line(1, unit_code="hour"),
        usage_line(2, network_record_id="", unit_code="hour"),
        usage_line(3, started_at="never"),
        usage_line(4, unit_code="second,more"),
    ]
    landing.put("net/a.csv", "\n".join([HEADER, *lines]) + "\n")
    landing.ingest()
    day = date(2026, 7, 1)
    rows = quarantined(landing, "natural_key, record_key IS NOT NULL, event_on")
    assert rows == [
        ("N000001", True, day),
        (None, False, day),
        ("N000003", True, None),
        ("N000004", True, day),
    ]


def test_a_column_that_is_required_must_be_there(landing: Landing) -> None:
    landing.put("net/a.csv", "network_record_id,service_id\nN1,0151\n")
    report = landing.ingest()
    assert [file.reason for file in report.refused] == [
        "column service_code is missing, which network_usage requires"
    ]


def test_an_expression_on_a_column_that_is_not_there_refuses_the_file(landing: Landing) -> None:
    landing.configure(USAGE + '[feeds.network_usage.columns]\nquantity = "minutes"\n')
    landing.put("net/a.csv", f"{HEADER}\n{usage_line(1)}\n")
    report = landing.ingest()
    assert "minutes" in report.refused[0].reason
    assert report.refused[0].code == "TIE-3001"
