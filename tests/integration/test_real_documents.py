"""JSON and XML that others made, TM Forum and bank statements, with figures checked by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.mapping import load_project
from ingestion.trial import check, first_lines
from tests.unit.ingestion.exports import OPERATOR, counts, load_with

from .conftest import ROOT

SOURCE = ROOT.parent / "shared" / "data"
V4 = "tmforum/v4_payloads/{}.example.json"
V5 = "tmforum/v5_examples/{}_response.json"
CAMT = "bank/camt/{}.xml"
BILL = (
    "invoice_id, invoice_number, account_id, invoiced_on, net_amount, tax_amount, total_amount,"
    " currency_code, status"
)
LINE = (
    "invoice_line_id, invoice_id, account_id, subscription_id, line_type, line_amount,"
    " service_start_on, service_end_on"
)
ITEM = "order_item_id, service_id, product_offering_id, action_code, state_code, state_at"
ENTRY = "bank_line_id, booked_on, line_amount, currency_code"

pytestmark = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the files of others (../shared/data) are not here"
)
# preset, file, (records, loaded, quarantined), columns, the rows
CASES = [
    (
        "tmf678_bills", V4.format("TMF678.CustomerBill"), (1, 1, 0), BILL,
        [("CB-123", "780123456", "A0815", "2020-01-05", "40.000000", "10.000000", "50.000000",
          "EUR", "settled")],
    ),
    # a bill in short form has no date
    ("tmf678_bills", V5.format("TMF678-v5.0.0.CustomerBill_retrieve_example"), (1, 0, 1), BILL, []),
    ("tmf678_bills", V5.format("TMF678-v5.0.0.CustomerBill_list_example"), (2, 0, 2), BILL, []),
    (
        "tmf678_bill_lines", V4.format("TMF678.AppliedCustomerBillingRate"), (1, 1, 0), LINE,
        [("ABR123", "B123", "A0815", "P-wfs-123", "recurring", "40.000000", "2019-12-01",
          "2020-01-01")],
    ),
    (
        # the first of the two is on no bill yet
        "tmf678_bill_lines", V5.format("TMF678-v5.0.0.AppliedCustomerBillingRate_list_example"),
        (2, 1, 1), LINE,
        [("ACBR-124", "CB-123", "A0815", "PROD-123", "usage", "0.400000", "2019-11-29", None)],
    ),
    (
        "tmf676_payments", V4.format("TMF676.Payment"), (1, 1, 0),
        "payment_id, account_id, received_on, payment_amount, currency_code",
        [("12345", "44444", "2020-01-08", "11.600000", "EUR")],
    ),
    (
        "tmf676_payment_items", V4.format("TMF676.Payment"), (2, 2, 0),
        "payment_id, invoice_id, allocated_amount",
        [("12345", "1234", "6.960000"), ("12345", "666", "4.640000")],
    ),
    (
        "tmf666_billing_accounts", V4.format("TMF666.BillingAccount"), (1, 1, 0),
        "account_id, customer_id, account_type, currency_code, bill_cycle_code, is_tax_exempt",
        [("5430", "6838", "business", "USD", "3828", "true")],
    ),
    (
        "tmf666_billing_accounts", V5.format("TMF666-v5.0.0.BillingAccount_retrieve_example"),
        (1, 1, 0), "account_id, customer_id, account_type, currency_code",
        [("5430", "9947", "business", "USD")],
    ),
    (
        # id and name alone: nobody knows the currency
        "tmf666_billing_accounts", V5.format("TMF666-v5.0.0.BillingAccount_list_example"),
        (2, 0, 2), "account_id", [],
    ),
    (
        "tmf637_products", V4.format("TMF637.Product"), (1, 1, 0),
        "subscription_id, account_id, service_id, service_id_raw, product_offering_id, status,"
        " valid_from_on",
        [("g265-tf85", "45hj-8888", "4152797439", "415 279 7439", "PO-101-1", "active",
          "2017-11-01")],
    ),
    (
        # only created: nothing to charge yet
        "tmf637_products", V5.format("TMF637-v5.0.0.RetrieveProductByList"), (1, 0, 1),
        "subscription_id", [],
    ),
    (
        "tmf635_usage", V4.format("TMF635.Usage"), (1, 1, 0),
        "network_record_id, service_id, service_code, started_at, quantity, unit_code",
        [("93c2-683ea281566c", "a22b-1c848b2a1b64", "voice", "2020-11-20 16:07:00", "12.000",
          "second")],
    ),
    (
        "tmf635_rated_usage", V4.format("TMF635.Usage"), (1, 1, 0),
        "rated_usage_id, account_id, subscription_id, charge_amount, currency_code, rated_at",
        [("93c2-683ea281566c", "8185-b246a6746136", "a22b-1c848b2a1b64", "0.000000", "EUR",
          "2020-06-17 21:03:37.829")],
    ),
    (
        "tmf622_orders", V4.format("TMF622.ProductOrder"), (1, 1, 0),
        "order_id, account_id, channel_code, status, submitted_at, completed_at",
        [("30001", "1513", "Online chanel", "completed", "2019-04-30 08:13:59.506",
          "2019-05-02 08:13:59.506")],
    ),
    (
        "tmf622_orders", V5.format("TMF622-v5.0.0.retrieveProductOrderByList"), (2, 2, 0),
        "order_id, account_id, channel_code, status, completed_at",
        [("30001", "1513", "Online channel", "acknowledged", None),
         ("30002", None, None, "acknowledged", None)],
    ),
    (
        "tmf622_order_items", V4.format("TMF622.ProductOrder"), (4, 4, 0), ITEM,
        [("30001-100", None, "14277", "add", "completed", "2019-05-02 08:13:59.506"),
         ("30001-110", "4152797439", "14305", "add", "completed", "2019-05-02 08:13:59.506"),
         ("30001-120", None, "14344", "add", "completed", "2019-05-02 08:13:59.506"),
         ("30001-130", None, "14354", "add", "completed", "2019-05-02 08:13:59.506")],
    ),
    (
        "tmf620_product_offerings", V5.format("TMF620-v5.0.0.ProductOffering_list_example"),
        (2, 2, 0), "product_offering_id, offering_name, valid_from_on, valid_to_on",
        [("7655", "Basic Firewall for Business", "2020-09-23", "2021-08-25"),
         ("2909", "Enhanced Broadband for business", "2020-08-25", "2021-08-25")],
    ),
    (
        # the second is a discount, which is no price
        "tmf620_prices", V5.format("TMF620-v5.0.0.ProductOfferingPrice_list_example"), (2, 1, 1),
        "price_rule_id, charge_type, charge_model, price_amount, currency_code, valid_from_on",
        [("1747", "recurring", "flat", "50.000000", "EUR", "2020-09-22")],
    ),
    (
        "camt_entries", CAMT.format("camt053.v2.multi.statement"), (2, 2, 0), ENTRY,
        [("000000001", "2014-12-31", "8.850000", "EUR"),
         ("000000002", "2014-12-31", "-7.000000", "EUR")],
    ),
    (
        "camt_entries", CAMT.format("camt053.v8"), (1, 1, 0), ENTRY,
        [("AAAASESS-FP-CN_98765/01", "2014-12-31", "8.850000", "EUR")],
    ),
    (
        "camt_entries", CAMT.format("camt054.v8"), (1, 1, 0), ENTRY,
        [("ACSR160617103200001", "2007-10-18", "-200000.000000", "SEK")],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{Path(case[1]).stem}" for case in CASES])
def test_a_document_loads_with_its_preset(
    case: tuple[str, str, tuple[int, int, int], str, list[tuple[str, ...]]], tmp_path: Path
) -> None:
    preset, name, counted, columns, rows = case
    loaded = load_with(tmp_path, preset, SOURCE / name)
    assert tuple(counts(loaded)) == counted, loaded.file
    assert loaded.rows(columns) == rows


@pytest.mark.parametrize(
    ("preset", "name", "doubt"),
    [
        # 40.00 and 100.00 of tax are not 50.00
        (
            "tmf678_bill_lines",
            V5.format("TMF678-v5.0.0.AppliedCustomerBillingRate_retrieve_example"),
            "tax_is_included",
        ),
        # an order among the bills that a payment settles
        ("tmf676_payment_items", V4.format("TMF676.Payment"), "item_is_a_bill"),
        # an entry that is only announced
        ("camt_entries", CAMT.format("camt052.v6"), "entry_is_booked"),
    ],
)
def test_what_is_odd_in_a_document_is_warned_of(
    preset: str, name: str, doubt: str, tmp_path: Path
) -> None:
    loaded = load_with(tmp_path, preset, SOURCE / name)
    assert [what.split(": ")[0] for _, what in loaded.warnings] == [
        f"1 line breaks the check {doubt}"
    ]


SIMULATOR = """
[feeds.invoice_lines]
path = "postpaid.json"
format = "json"
records = "invoices.charges"
[feeds.invoice_lines.columns]
invoice_line_id = "\\"^.ban\\" || ':' || description || ':' || coalesce(subscriber_no, '')"
invoice_id = "'INV-' || \\"^.ban\\""
account_id = "\\"^.ban\\""
subscription_id = "subscriber_no"
line_type = "case type when 'FEE' then 'recurring' else lower(type) end"
line_amount = "amount"
currency_code = "'USD'"
"""


def test_charges_inside_bills_load_as_they_are_delivered(tmp_path: Path) -> None:
    (tmp_path / "tieout.toml").write_text(OPERATOR + SIMULATOR)
    path = SOURCE / "telecom_billing_simulator" / "postpaid.json"
    trial = check(load_project(tmp_path), "invoice_lines", path)
    assert (trial.loaded_count, trial.quarantined_count) == (24, 0)
    rows = first_lines(load_project(tmp_path), "invoice_lines", path, 100)[1].mapped.to_pylist()
    first = rows[0]
    assert (first["account_id"], first["line_type"], str(first["line_amount"])) == (
        "1001", "usage", "5.000000",
    )  # fmt: skip
    # the grand totals of both bills: 94.96 and 49.46
    assert sum(row["line_amount"] for row in rows) == Decimal("144.42")
