"""What is missing or does not add up is named with the document, the field and the fix."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dagster_project.lib.billing.documents import InvoiceDocument, file_name, media_type, render
from dagster_project.lib.errors import DataError, UsageError
from tests.unit.dagster_project.lib.billing.documents import samples
from tests.unit.dagster_project.lib.billing.documents.samples import BUYER, SELLER, line


def plain(**more: Any) -> InvoiceDocument:
    return samples.document([line(1, "10.00")], **more)


@pytest.mark.parametrize("name", ["net_amount", "tax_amount", "total_amount"])
@pytest.mark.parametrize("form", ["pdf", "ubl", "json"])
def test_a_total_that_does_not_add_up_is_drawn_in_no_format(name: str, form: str) -> None:
    told = {name: getattr(plain(), name) + Decimal("0.01")}
    with pytest.raises(DataError) as refused:
        render(replace(plain(), **told), form)
    assert refused.value.code == "TIE-3080"
    assert "NORD-2026-000042" in refused.value.what
    assert str(told[name]) in refused.value.what


@pytest.mark.parametrize(
    ("changed", "field", "feed"),
    [
        ({"buyer": replace(BUYER, country_code=None)}, "buyer.country_code", "accounts"),
        (
            {"buyer": replace(BUYER, street_address=None, city_name=" ")},
            "buyer.street_address",
            "accounts",
        ),
        ({"buyer": replace(BUYER, name="")}, "buyer.name", "accounts"),
        ({"seller": replace(SELLER, country_code="")}, "seller.country_code", "legal_entities"),
        ({"seller": replace(SELLER, tax_id=None)}, "seller.tax_id", "legal_entities"),
        ({"due_on": None}, "due_on", "bill run"),
        (
            {"kinds": {"standard": ("VAT", "E", "0", None)}},
            "taxes.exemption_reason",
            "tax_rates",
        ),
        ({"kinds": {"standard": ("VAT", "AE", "0", None)}}, "buyer.tax_id", "accounts"),
        ({"document_type": "credit_note"}, "corrected_invoice", "bill run"),
    ],
)
def test_what_an_einvoice_lacks_is_named(changed: dict[str, Any], field: str, feed: str) -> None:
    bill = plain(**changed)
    with pytest.raises(DataError) as refused:
        render(bill, "ubl")
    assert refused.value.code == "TIE-3081"
    assert f"NORD-2026-000042, {field}" in refused.value.where
    assert feed in refused.value.fix
    assert render(bill, "json")


def test_what_the_standard_cannot_say_is_refused() -> None:
    taxes = plain().taxes
    second = replace(taxes[0], tax_name="City", tax_amount=Decimal(0), rate_ratio=Decimal(0))
    mixed = samples.document([line(1, "1.00"), line(2, "1.00", tax_group_code="none")])
    other_base = replace(taxes[0], taxable_amount=Decimal("9.00"))
    refusals = {
        "more than two decimals": samples.dinar(),
        "2 taxes (VAT, City)": replace(plain(), taxes=(*taxes, second)),
        "outside its scope": mixed,
        "taken of 9.00, its lines are 10.00": replace(plain(), taxes=(other_base,)),
    }
    for words, bill in refusals.items():
        with pytest.raises(DataError, match="cannot be said") as refused:
            render(bill, "ubl")
        assert refused.value.code == "TIE-3082"
        assert words in refused.value.what
        assert render(bill, "json")


def test_an_unknown_format_is_told_with_the_known_ones() -> None:
    for ask in (lambda: render(plain(), "docx"), lambda: media_type("docx")):
        with pytest.raises(UsageError) as refused:
            ask()
        assert refused.value.code == "TIE-2080"
        assert "pdf, ubl, json" in refused.value.fix


def test_a_file_is_called_by_the_number() -> None:
    assert file_name(plain(), "ubl") == "NORD-2026-000042.ubl.xml"
    assert file_name(plain(number="../A/7 b"), "pdf") == "A_7_b.pdf"
    assert media_type("json") == "application/json"
