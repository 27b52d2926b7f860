"""Exports of other people's billing systems, with figures that were added up by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ingestion.exports import counts, load_with

from .conftest import ROOT

SOURCE = ROOT.parent / "shared" / "data" / "order_to_cash"
ZUORA = "fivetran+dbt_zuora/seeds/zuora_{}_data.csv"
STRIPE = "fivetran+dbt_stripe/seeds/{}_data.csv"
RECURLY = "fivetran+dbt_recurly/seeds/{}_data.csv"

pytestmark = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the files of others (../shared/data) are not here"
)
# preset, file, (lines, loaded, quarantined), (column, total), columns, the first row
CASES = [
    (
        # one of the five was deleted
        "zuora_accounts", ZUORA.format("account"), (6, 4, 0), None,
        "account_id, account_type, currency_code, opened_on",
        ("2c92c0f967640caa0167836a3e396a3b", "business", "USD", "2018-12-06"),
    ),
    (
        "zuora_invoices", ZUORA.format("invoice"), (6, 5, 0), ("total_amount", "351.8"),
        "invoice_number, bill_run_id, invoiced_on, net_amount, tax_amount, total_amount,"
        " currency_code, payment_amount",
        ("INV00000030", "BR-00000021", "2015-10-15", "65.000000", "5.360000", "70.360000", "USD",
         None),
    ),
    (
        "zuora_invoice_items", ZUORA.format("invoice_item"), (7, 6, 0), ("line_amount", "2628370"),
        "line_type, quantity, unit_price_amount, line_amount, service_start_on, service_end_on,"
        " currency_code",
        ("usage", "33580.000000", "17.000000", "570860.000000", "2015-08-01", "2015-09-01", "JPY"),
    ),
    (
        "zuora_payments", ZUORA.format("payment"), (6, 5, 0), ("payment_amount", "654342.72"),
        "received_on, payment_amount, currency_code, method_code",
        ("2015-01-17", "467500.000000", "AUD", "External"),
    ),
    (
        "zuora_rate_plans", ZUORA.format("product_rate_plan"), (6, 5, 0), None,
        "offering_name, product_type, valid_from_on, valid_to_on",
        ("Annual Plan", "plan", "2015-01-01", "2020-01-01"),
    ),
    (
        "zuora_orders", ZUORA.format("order"), (6, 5, 0), None,
        "status, submitted_at, completed_at",
        ("Completed", "2022-08-18 07:06:14", "2022-08-18 07:06:14"),
    ),
    (
        "stripe_invoices", STRIPE.format("invoice"), (3, 2, 0), ("total_amount", "20"),
        "invoice_id, account_id, net_amount, tax_amount, total_amount, currency_code, invoiced_on",
        ("ab1111", "sdgfs84854", "10.000000", "0.000000", "10.000000", "USD", "2021-02-19"),
    ),
    (
        "stripe_invoice_lines", STRIPE.format("invoice_line_item"), (4, 3, 0),
        ("line_amount", "1.86"),
        "invoice_line_id, invoice_id, subscription_id, line_amount, quantity",
        ("ad1111", "ab1111", "sdgfs4536", "0.210000", "5.000000"),
    ),
    (
        # all sixteen were declined
        "stripe_charges", STRIPE.format("charge"), (17, 16, 0), ("payment_amount", "0"),
        "payment_id, account_id, received_on, payment_amount, currency_code",
        ("ch_0IMDAfig6peNXzgDJYQKfT3B", "cus_IRb688lkE0TnTM", "2021-02-18", "0.000000", "USD"),
    ),
    (
        "stripe_prices", STRIPE.format("price"), (5, 4, 0), ("price_amount", "1409.89"),
        "price_rule_id, charge_type, charge_model, price_amount, currency_code",
        ("price_1", "one_off", "flat", "1000.000000", "USD"),
    ),
    (
        "stripe_products", STRIPE.format("product"), (11, 10, 0), None,
        "offering_name, product_type, valid_from_on",
        ("Ultimiate Membership", "plan", "2022-09-19"),
    ),
    (
        "stripe_customers", STRIPE.format("customer"), (13, 11, 0), None,
        "customer_id, created_on", ("cus_ImVzJQmSlYHjZL", "2021-01-18"),
    ),
    (
        "recurly_accounts", RECURLY.format("account_history"), (6, 5, 0), None,
        "account_type, currency_code, is_tax_exempt, opened_on",
        ("business", "USD", "false", "2015-02-09"),
    ),
    (
        "recurly_invoices", RECURLY.format("invoice_history"), (6, 5, 0), ("total_amount", "302"),
        "invoice_number, invoiced_on, net_amount, tax_amount, total_amount",
        ("1002", "2015-02-13", "0.000000", "0.000000", "0.000000"),
    ),
    (
        "recurly_line_items", RECURLY.format("line_item_history"), (6, 5, 0),
        ("line_amount", "165.9"),
        "line_type, charge_code, line_amount, service_start_on, currency_code",
        ("one_off", "credit", "-5.000000", "2015-02-11", "USD"),
    ),
    (
        # two verifications, one declined, one void: only one purchase of 5.00 was paid
        "recurly_transactions", RECURLY.format("transaction"), (6, 5, 0), ("payment_amount", "5"),
        "payment_amount, method_code, received_on", ("0.000000", "credit_card", "2015-02-11"),
    ),
    (
        "recurly_plans", RECURLY.format("plan_history"), (3, 2, 0), None,
        "product_type, valid_from_on, valid_to_on", ("plan", "2015-02-09", None),
    ),
    (
        "recurly_plan_prices", RECURLY.format("plan_currency_history"), (4, 3, 0),
        ("price_amount", "5930"),
        "price_amount, currency_code, charge_type", ("99.000000", "USD", "recurring"),
    ),
    (
        "recurly_subscriptions", RECURLY.format("subscription_history"), (6, 5, 0), None,
        "service_id, status, valid_from_on, valid_to_on",
        ("d2033e289f1823674fd6cb332db6bf5f", "active", "2019-03-26", "2019-03-26"),
    ),
]  # fmt: skip
DELETED = {"zuora_accounts", "stripe_customers"}
WARNED = {
    # a year and three months
    "stripe_prices": "2 lines break the check interval_is_a_month",
    # an invoice of 10.00 with a credit of 5.00 on it
    "recurly_invoices": "1 line breaks the check total_is_subtotal_less_discount_and_tax",
}


@pytest.mark.parametrize("case", CASES, ids=[str(case[0]) for case in CASES])
def test_an_export_loads_with_its_preset(case: tuple[object, ...], tmp_path: Path) -> None:
    preset, name, counted, total, columns, first = case
    loaded = load_with(tmp_path, str(preset), SOURCE / str(name))
    assert counts(loaded) == counted, loaded.file
    assert loaded.file.deleted_count == (str(preset) in DELETED)
    if isinstance(total, tuple):
        assert loaded.total(total[0]) == total[1]
    assert loaded.rows(str(columns))[0] == first
    told = [what for _, what in loaded.warnings]
    assert len(told) == (str(preset) in WARNED)
    assert all(what.startswith(WARNED[str(preset)]) for what in told)
