from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.commands.talk import Talk, print_json, print_table


def test_json_keeps_amounts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"amount": Decimal("0.10"), "on": date(2026, 7, 1), "path": Path("a")})
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1, "amount": "0.10", "on": "2026-07-01", "path": "a",
    }  # fmt: skip


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        print_json({"a": {1}})


def test_tables_are_plain_columns_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n"), [("long name", 1), ("b", None)])
    assert capsys.readouterr().out == "name       n\nlong name  1\nb\n"


def test_stages_are_timed_and_announced_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    with talk.stage("ingest", "landing", "landed"):
        talk.detail("a file")
    talk.add("ingest", 2)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("landed: ")
    assert talk.seconds["ingest"] >= 2


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk(quiet=True)
    with talk.stage("ingest", "landing", "landed"):
        talk.say("much")
    assert capsys.readouterr().err == ""
    assert "ingest" in talk.seconds
