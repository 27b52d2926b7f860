from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import ingestion.contracts
from ingestion.contracts import Column, Partition, load_contracts, parse_contract
from ingestion.errors import ContractError

COLUMNS = [
    {"name": "thing_id", "type": "text", "required": True, "meaning": "Thing."},
    {"name": "seen_at", "type": "timestamp", "required": True, "meaning": "Seen."},
    {"name": "amount", "type": "decimal(18,6)", "minimum": 0, "meaning": "Amount."},
]
GOOD = {
    "feed": "things",
    "source": "crm",
    "group": "customer",
    "description": "Things.",
    "grain": "one row per thing",
    "key": ["thing_id"],
    "columns": COLUMNS,
}


def test_every_contract_of_the_product_loads() -> None:
    files = list(Path(ingestion.contracts.__file__).parent.glob("*.yml"))
    contracts = load_contracts()
    assert len(contracts) == len(files) >= 48
    assert {f"{contract.table}.yml" for contract in contracts.values()} == {
        file.name for file in files
    }


def test_a_contract_says_what_its_file_says() -> None:
    usage = load_contracts()["network_usage"]
    assert usage.table == "mediation__network_usage"
    assert usage.partition == Partition("day", "started_at", "event_on")
    assert usage.column("quantity") == Column(
        "quantity",
        "decimal(18,3)",
        required=True,
        minimum=Decimal(0),
        minimum_unless="is_reversal",
        meaning="Quantity in unit_code.",
    )
    assert usage.column("service_code").allowed == ("voice", "sms", "data")
    assert usage.column("other_party_number").prefix_head


def test_parts_have_the_columns_of_the_contract_and_their_origin() -> None:
    names = [name for name, _ in load_contracts()["network_usage"].landed_columns()]
    assert names[17:] == [
        "_source_file",
        "_source_row",
        "_file_hash",
        "_record_key",
        "service_id_raw",
        "other_party_number_raw",
        "other_party_number_head",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"feed": None}, "feed"),
        ({"surprise": 1}, "surprise"),
        ({"key": ["nothing"]}, "key"),
        ({"partition": {"by": "day", "column": "seen_at"}}, "partition"),
        ({"partition": {"by": "hour", "column": "seen_at", "name": "x"}}, "partition.by"),
        ({"partition": {"by": "day", "column": "thing_id", "name": "x"}}, "partition.column"),
        ({"columns": [{"type": "text"}]}, "columns[0]"),
        ({"columns": COLUMNS * 2}, "columns"),
        ({"columns": [{"name": "thing_id", "type": "float"}]}, "columns.thing_id.type"),
        ({"columns": [{"name": "thing_id", "type": "text", "size": 1}]}, "columns.thing_id.size"),
        (
            {"columns": [{"name": "thing_id", "type": "text", "pattern": "("}]},
            "columns.thing_id.pattern",
        ),
        (
            {"columns": [{"name": "thing_id", "type": "text", "prefix_head": True}]},
            "columns.thing_id.prefix_head",
        ),
        (
            {"columns": [{"name": "thing_id", "type": "integer", "allowed": ["1"]}]},
            "columns.thing_id.type",
        ),
    ],
)
def test_an_error_names_file_and_field(changes: dict[str, object], field: str) -> None:
    text = yaml.safe_dump({**GOOD, **changes})
    with pytest.raises(ContractError) as caught:
        parse_contract(text, "crm__things.yml")
    assert caught.value.where == f"ingestion/contracts/crm__things.yml, {field}"


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", ""])
def test_a_file_that_is_no_contract_is_named(text: str) -> None:
    with pytest.raises(ContractError, match="crm__things.yml"):
        parse_contract(text, "crm__things.yml")
