"""What is written as UBL 2.1 passes the schemas and rules of EN 16931, whatever is on the bill."""

from __future__ import annotations

import pytest

from dagster_project.lib.billing.documents import render
from tests.unit.dagster_project.lib.billing.documents import judge, samples


@pytest.mark.parametrize("name", samples.CASES)
def test_every_kind_of_bill_is_a_valid_einvoice(name: str) -> None:
    xml = render(samples.CASES[name](), "ubl")
    assert judge.schema_errors(xml) == []
    assert judge.broken_rules(xml) == {}


@pytest.mark.parametrize("name", samples.CASES)
def test_the_same_bill_gives_the_same_bytes(name: str) -> None:
    for form in ("ubl", "pdf"):
        assert render(samples.CASES[name](), form) == render(samples.CASES[name](), form)
