"""Every page drawn for real, over a normal snapshot, one without findings, and none at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.unit.dashboards.sample import LOST, NUMBER, PAID, RATED, publish

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "dashboards" / "app.py"
PAGES = ("leakage", "findings", "finding", "data_quality")
Open = Callable[..., AppTest]
PROGRAM = """
import json, sys
import streamlit, runpy
import dashboards.data
from dashboards.parts import charts, evidence, explain, filters, frame, listing, overview, tables
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "argv", ["app.py", "--home", str(tmp_path)])
    return tmp_path


@pytest.fixture
def open_page(home: Path) -> Open:
    """Opens a page as a reader who follows a link."""

    def open_now(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        app.query_params.update(query)
        app.run()
        if page == "leakage":
            return app
        app.switch_page(f"views/{page}.py")
        app.query_params.update(query)
        return app.run()

    return open_now


def told(app: AppTest) -> str:
    """All text of a page."""
    parts = [*app.title, *app.markdown, *app.caption, *app.info, *app.error, *app.warning]
    cards = [f"{card.label} {card.value} {card.delta}" for card in app.metric]
    return "\n".join([*(str(part.value) for part in parts), *cards])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("has_findings", [True, False])
def test_pages_open(home: Path, open_page: Open, page: str, has_findings: bool) -> None:
    publish(home, has_findings=has_findings)
    app = open_page(page, **({"id": RATED} if page == "finding" else {}))
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_without_a_snapshot_pages_say_what_to_run(open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert "Nothing is published yet" in app.error[0].value
    assert [block.value for block in app.code] == ["tieout demo", "tieout run --period 2026-07"]


def test_the_overview_shows_exact_and_short_amounts(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("leakage", period="2026-06")
    cards = {card.label: (card.value, card.delta) for card in app.metric}
    assert cards["Expected"] == ("1.00 k EUR", "1 account")
    assert cards["Under-billed"] == ("1.50 EUR", "1 finding · 15.0 bp")
    assert cards["Unexplained"] == ("0.00 EUR", "ties to zero")
    assert "nothing delivered for rated_usage" in told(app)
    assert app.selectbox(key="currency").options == ["EUR", "USD"]


def test_the_currency_is_part_of_the_address(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("leakage", currency="USD")
    assert app.metric[0].value == "50.0 USD"


def test_the_waterfall_has_a_table_twin(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("leakage", period="2026-06")
    app.toggle(key="bridge_table").set_value(True).run()
    amounts = list(app.dataframe[0].value["amount"])
    assert amounts == ["1,000.00", "-0.25", "-1.50", "7.25", "1,005.50"]


def test_the_list_is_filtered_from_the_address(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("findings", control="RAT-01", day="2026-06-11")
    assert "**1 of 34 findings**" in told(app)
    app = open_page("findings", account="nobody")
    assert "0 of 34 findings fit these filters." in told(app)
    app.button[-1].click().run()
    assert "**34 of 34 findings**" in told(app)


def test_a_wrong_day_is_told(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("findings", day="31.7.2026")
    assert "is not a day" in told(app) and not app.exception


def test_no_findings_is_a_good_answer(home: Path, open_page: Open) -> None:
    publish(home, has_findings=False)
    assert "no findings" in told(open_page("findings"))
    assert "No findings: 2 of 3 controls ran in full." in told(open_page("leakage"))


def test_a_finding_leads_to_its_lines_and_shows_no_number(home: Path, open_page: Open) -> None:
    publish(home)
    app = open_page("finding", id=RATED)
    text = told(app)
    assert app.title[0].value == "Rated too low"
    assert "net/june.csv, line 12" in text and "rated/june.csv, line 13" in text
    assert "`prices.csv`, line 3" in text
    assert NUMBER not in text and "•••848" in text
    assert any("finding_id =" in block.value for block in app.code)
    assert NUMBER not in "".join(table.value.to_csv() for table in app.table)


def test_a_finding_that_is_not_there_is_told(home: Path, open_page: Open) -> None:
    publish(home)
    assert "No single finding begins with `zzz`" in told(open_page("finding", id="zzz"))
    assert "No finding is chosen" in told(open_page("finding"))


def test_figures_change_only_when_the_reader_switches(home: Path, open_page: Open) -> None:
    first = publish(home)
    app = open_page("finding", id=LOST)
    second = publish(home, has_findings=False, revision="c2")
    app.run()
    assert app.title[0].value == "Rated, never billed"
    assert first in told(app) and second in told(app)
    app.button(key="switch").click().run()
    assert app.query_params["snapshot"] in (second, [second])
    assert f"in snapshot `{second}`" in told(app)
    assert "the current one is" not in told(app)


@pytest.mark.parametrize("wrong", ["0123456789abcdef", "../../etc", "x"])
def test_a_link_to_no_snapshot_offers_the_current_one(
    home: Path, open_page: Open, wrong: str
) -> None:
    publish(home)
    app = open_page("leakage", snapshot=wrong)
    assert not app.exception and app.error
    app.button[0].click().run()
    assert not app.error and app.metric


def test_pages_load_nothing_of_the_road() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.replace('"', "").strip("[]\n").split(", "))
    assert "streamlit" in loaded
    assert not loaded & {"dagster", "dagster_dbt", "dbt", "great_expectations", "ingestion"}


def test_a_finding_of_a_partner_says_whose_it_is_and_what_was_overpaid(
    home: Path, open_page: Open
) -> None:
    publish(home)
    page = told(open_page("finding", id=PAID))
    assert "partner `ALPHA`" in page
    assert "Overpaid 3.25 EUR" in page
    assert "Overpaid" not in told(open_page("finding", id=RATED))
