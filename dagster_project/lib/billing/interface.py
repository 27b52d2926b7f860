"""The models that a bill run reads, by the columns it needs; nobody else knows them here.

They are read as temporary views, so that all statements of a draft name the same few things. A
column that an older warehouse does not have is empty; a table that is missing is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from dagster_project.lib.errors import DataError

_AMOUNT = "decimal(18,6)"
INVOICES = {
    "billing_month": "date",
    "account_id": "varchar",
    "currency_code": "varchar",
    "legal_entity_code": "varchar",
    "bill_cycle_code": "varchar",
    "period_start_on": "date",
    "period_end_on": "date",
    "gross_amount": _AMOUNT,
    "discount_amount": _AMOUNT,
    "net_amount": _AMOUNT,
    "tax_amount": _AMOUNT,
    "rounding_amount": _AMOUNT,
    "total_amount": _AMOUNT,
    "credit_note_amount": _AMOUNT,
    "prepaid_amount": _AMOUNT,
}
LINES = {
    "expected_line_key": "varchar",
    "billing_month": "date",
    "account_id": "varchar",
    "currency_code": "varchar",
    "line_no": "integer",
    "line_type": "varchar",
    "subscription_id": "varchar",
    "service_id": "varchar",
    "product_offering_id": "varchar",
    "charge_code": "varchar",
    "description": "varchar",
    "service_code": "varchar",
    "zone_code": "varchar",
    "discount_id": "varchar",
    "quantity": _AMOUNT,
    "unit_code": "varchar",
    "unit_price_amount": _AMOUNT,
    "line_amount": _AMOUNT,
    "tax_group_code": "varchar",
    "service_start_on": "date",
    "service_end_on": "date",
    "origin_month": "date",
    "event_count": "bigint",
    "price_rule_id": "varchar",
    "arithmetic": "varchar",
}
TAXES = {
    "billing_month": "date",
    "account_id": "varchar",
    "currency_code": "varchar",
    "tax_rate_id": "varchar",
    "tax_name": "varchar",
    "tax_group_code": "varchar",
    "tax_category_code": "varchar",
    "jurisdiction_code": "varchar",
    "rate_ratio": "decimal(18,9)",
    "taxable_amount": _AMOUNT,
    "tax_amount": _AMOUNT,
    "exemption_reason": "varchar",
}
HELD = {
    "held_charge_key": "varchar",
    "billing_month": "date",
    "account_id": "varchar",
    "subscription_id": "varchar",
    "charge_code": "varchar",
    "reason_code": "varchar",
    "reason": "varchar",
    "source_file": "varchar",
    "source_row": "bigint",
    "estimated_amount": _AMOUNT,
    "event_count": "bigint",
    "currency_code": "varchar",
}
EVENTS = {
    "event_id": "varchar",
    "billing_month": "date",
    "account_id": "varchar",
    "subscription_id": "varchar",
    "service_id": "varchar",
    "service_code": "varchar",
    "zone_code": "varchar",
    "time_band_code": "varchar",
    "other_party_number": "varchar",
    "started_at": "timestamp",
    "quantity": "decimal(18,3)",
    "unit_code": "varchar",
    "free_quantity": "decimal(18,3)",
    "charge_amount": _AMOUNT,
    "arithmetic": "varchar",
    "_source_file": "varchar",
    "_source_row": "bigint",
    "expected_line_key": "varchar",
}
SCOPE = {
    "billing_month": "date",
    "account_id": "varchar",
    "bill_cycle_code": "varchar",
    "currency_code": "varchar",
    "subscription_count": "bigint",
}
PRICES = {"price_rule_id": "varchar", "gl_account_id": "varchar"}
_PLACE = {
    "street_address": "varchar",
    "city_name": "varchar",
    "postal_code": "varchar",
    "country_code": "varchar",
    "tax_id": "varchar",
}
BUYERS = {
    "account_id": "varchar",
    "bill_cycle_code": "varchar",
    "billing_name": "varchar",
    **_PLACE,
    "buyer_reference": "varchar",
    "payment_term_days": "integer",
    "direct_debit_mandate_id": "varchar",
    "iban": "varchar",
    "language_code": "varchar",
}
SELLERS = {
    "legal_entity_code": "varchar",
    "legal_name": "varchar",
    **_PLACE,
    "registration_id": "varchar",
    "iban": "varchar",
    "bic": "varchar",
    "payment_term_days": "integer",
    "payment_terms": "varchar",
    "creditor_id": "varchar",
    "invoice_number_pattern": "varchar",
}
ISSUED = {
    "invoice_number": "varchar",
    "document_type": "varchar",
    "corrects_invoice_number": "varchar",
    "is_part": "boolean",
    "billing_month": "date",
    "account_id": "varchar",
    "bill_cycle_code": "varchar",
    "currency_code": "varchar",
    "total_amount": _AMOUNT,
}
ISSUED_LINES = {
    "billing_month": "date",
    "origin_month": "date",
    "account_id": "varchar",
    "currency_code": "varchar",
    "line_amount": _AMOUNT,
}
# view -> the model it reads, and its columns
VIEWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "invoices": ("fct_expected_invoices", INVOICES),
    "lines": ("fct_expected_invoice_lines", LINES),
    "taxes": ("fct_expected_taxes", TAXES),
    "held": ("fct_held_charges", HELD),
    "events": ("int_billing__rated_events", EVENTS),
    "scope": ("int_billing__accounts_in_scope", SCOPE),
    "prices": ("int_catalogue__prices", PRICES),
    "buyers": ("stg_crm__accounts", BUYERS),
    "sellers": ("stg_billing__legal_entities", SELLERS),
    "issued": ("stg_tieout__issued_invoices", ISSUED),
    "issued_lines": ("stg_tieout__issued_invoice_lines", ISSUED_LINES),
}
MODELS = tuple(model for model, _ in VIEWS.values())


def open_views(connection: duckdb.DuckDBPyConnection, month: date) -> None:
    """Make the temporary views `in_<name>`; those of a month hold only that one.

    Raises: DataError when a model is missing.
    """
    for view, (model, columns) in VIEWS.items():
        there = {
            str(row[0])
            for row in connection.execute(
                "select column_name from information_schema.columns where table_name = ?", [model]
            ).fetchall()
        }
        if not there:
            raise DataError(
                "TIE-3060",
                f"the model {model} was not built",
                where="the database of the bill run",
                effect="no draft was made",
                fix="draft again; if it stays away, look into the log of dbt under the home folder",
            )
        chosen = ", ".join(
            f"cast({name if name in there else 'null'} as {kind}) as {name}"
            for name, kind in columns.items()
        )
        narrowed = "billing_month" in columns and not view.startswith("issued")
        where = f" where billing_month = date '{month}'" if narrowed else ""
        connection.execute(f"create temp view in_{view} as select {chosen} from {model}{where}")
