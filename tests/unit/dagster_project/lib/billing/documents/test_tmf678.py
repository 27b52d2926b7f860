"""The JSON is a TMF678 customer bill, and reads back to the same figures through our presets."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.lib.billing.documents import render
from tests.unit.dagster_project.lib.billing.documents import samples
from tests.unit.ingestion.exports import load_with

SCHEMA = "TMF678-CustomerBill-v4.0.0.swagger.json"


def bill(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(render(samples.CASES[name](), "json"), parse_float=Decimal)
    return read


@pytest.mark.parametrize("name", samples.CASES)
def test_every_kind_of_bill_fits_the_schema(name: str, shared_data: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    swagger = json.loads((shared_data / "tmforum" / "schemas" / SCHEMA).read_text())
    read = json.loads(render(samples.CASES[name](), "json"))
    for kind, one in [
        ("CustomerBill", read),
        *(("AppliedCustomerBillingRate", rate) for rate in read["appliedCustomerBillingRate"]),
    ]:
        schema = {"$ref": f"#/definitions/{kind}", "definitions": swagger["definitions"]}
        jsonschema.Draft4Validator(schema).validate(one)
        known = set(swagger["definitions"][kind]["properties"])
        own = {"appliedCustomerBillingRate", "appliedBillingRateType", "correctedBill"}
        assert set(one) <= known | own


def test_the_bill_reads_back_as_invoice_and_lines(tmp_path: Path) -> None:
    sample, path = samples.plain(), tmp_path / "bill.json"
    path.write_bytes(render(sample, "json"))
    (tmp_path / "a").mkdir()
    read = load_with(tmp_path / "a", "tmf678_bills", path)
    assert read.rows(
        "invoice_number, account_id, invoiced_on, period_end_on, net_amount, tax_amount,"
        " total_amount, currency_code"
    ) == [
        (sample.number, "A-10042", "2026-08-03", "2026-08-01", "52.830000", "10.040000",
         "62.870000", "EUR")
    ]  # fmt: skip
    assert not read.warnings
    rates = tmp_path / "rates.json"
    text = json.dumps(json.loads(path.read_text())["appliedCustomerBillingRate"])
    rates.write_text(text)
    (tmp_path / "b").mkdir()
    lines = load_with(tmp_path / "b", "tmf678_bill_lines", rates)
    assert lines.rows("line_type, line_amount, service_end_on") == [
        (one.line_type, f"{one.line_amount:.6f}", "2026-08-01") for one in sample.lines
    ]


def test_amounts_keep_their_digits() -> None:
    text = render(samples.document([samples.line(1, "0.10")]), "json").decode()
    assert '"value": 0.10' in text
    assert bill("yen")["taxExcludedAmount"] == {"unit": "JPY", "value": 1237547}
    huge = samples.document([samples.line(1, "90071992547409.93")], {})
    assert '"value": 90071992547409.93' in render(huge, "json").decode()


def test_a_credit_note_says_so_and_names_the_bill() -> None:
    read = bill("credit_note")
    assert (read["category"], read["correctedBill"]["id"]) == ("creditNote", "NORD-2026-000042")


def test_late_lines_name_their_month() -> None:
    rate = bill("corrected")["appliedCustomerBillingRate"][2]
    told = {one["name"]: one["value"] for one in rate["characteristic"]}
    assert told["originMonth"] == "2026-05"
    assert told["note"] == "usage of May 2026"


def test_the_bill_names_how_it_is_paid() -> None:
    ways = {
        name: bill(name).get("paymentMethod", {}).get("id")
        for name in ("debited", "plain", "credit_note")
    }
    assert ways == {
        "debited": "M-2024-0815",
        "plain": "DE02120300000000202051",
        "credit_note": None,
    }
