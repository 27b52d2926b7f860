"""docs/your-own-data.md is true: its own commands, run on files that are not ours."""

from __future__ import annotations

import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from . import andina
from .conftest import ROOT, Done, run_tieout

PAGE = ROOT / "docs" / "your-own-data.md"


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def _steps() -> list[list[str]]:
    """Every tieout command of the page, in its order."""
    lines = [line for block in _blocks("console") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("tieout ")]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Done]]:
    """The page done from top to bottom: the project folder, and how each command ended."""
    folder = tmp_path_factory.mktemp("page")
    first, *others = _steps()
    done = [run_tieout(*first[1:], cwd=folder)]
    project = folder / "operator"
    (operator,) = _blocks("toml")
    toml = project / "tieout.toml"
    text = re.sub(
        r"\[operator\].*?\n\n", lambda _: operator + "\n", toml.read_text(), flags=re.DOTALL
    )
    toml.write_text(text)
    andina.write_exports(project / "landing")
    done += [run_tieout(*step[1:], cwd=project) for step in others]
    return project, done


def test_every_step_of_the_page_ends_well(walked: tuple[Path, list[Done]]) -> None:
    for step, done in zip(_steps(), walked[1], strict=True):
        assert done.code == 0, (step, done.err)


def test_the_page_shows_lines_of_the_files(walked: tuple[Path, list[Done]]) -> None:
    landed = [
        path.read_text().splitlines() for path in sorted((walked[0] / "landing").glob("*.csv"))
    ]
    shown = [block.splitlines() for block in _blocks("") if ";" in block and "Factura" in block]
    assert len(shown) == 2
    for block in shown:
        assert any(set(block) <= set(lines) for lines in landed), block


def test_the_page_finds_what_is_wrong_and_nothing_else(walked: tuple[Path, list[Done]]) -> None:
    project = walked[0]
    told = run_tieout("findings", "--json", cwd=project).document["findings"]
    money = sorted(
        (
            one["category"],
            one["value_key"],
            Decimal(one["under_amount"]),
            Decimal(one["over_amount"]),
        )
        for one in told
        if one["control_id"] != "DQ-05"
    )
    assert money == [
        ("AMOUNT_DIFF", andina.SHORT_LINE, andina.SHORT_BY, Decimal(0)),
        ("BILLED_TWICE", andina.DOUBLED_CALL, Decimal(0), Decimal("106.88")),
    ]
    assert {one["currency_code"] for one in told if one["control_id"] == "USG-05"} == {"COP"}


def test_units_zone_and_numbers_came_in_right(walked: tuple[Path, list[Done]]) -> None:
    preview = run_tieout("feed", "preview", "rated_usage", "--limit", "2", "--json", cwd=walked[0])
    second = preview.document["rows"][1]
    told = {one["column"]: one["value"] for one in second["columns"]}
    # 1.25 minutes at 01:01 in Bogota, five hours behind UTC
    assert (told["quantity"], told["unit_code"]) == ("75.000", "second")
    assert told["started_at"] == "2026-07-02 06:01:00"
    assert told["service_id"] == "**********01"
    assert told["charge_amount"] == "106.880000"
    files = run_tieout("feed", "check", "rated_usage", "--json", cwd=walked[0]).document["files"]
    assert [(one["first_event_on"], one["last_event_on"]) for one in files] == [
        ("2026-07-01", "2026-07-31")
    ]
