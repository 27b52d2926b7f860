from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.contracts import load_contracts
from ingestion.errors import ConfigError
from ingestion.mapping import Project, ScheduleEntry, load_project
from tests.unit.ingestion.landing import OPERATOR, USAGE

SCHEDULE = """
[[controls.schedule]]
control_id = "USG-05"
from_month = "2026-05"
to_month = "2026-06"
state = "waived"
reason = "migration"
approved_by = "R. Auditor"

[controls.parameters]
tolerance = "0.01"
"""


def project(folder: Path, text: str) -> Project:
    (folder / "tieout.toml").write_text(text, encoding="utf-8")
    return load_project(folder)


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    feed = project(tmp_path, OPERATOR + USAGE).feeds["network_usage"]
    assert (feed.path, feed.format, feed.delimiter, feed.quote) == (("net/*.csv",), "csv", ",", "")
    assert (feed.header, feed.time_zone, feed.on_change) == (True, "UTC", "refuse")


def test_the_schedule_of_controls_is_read(tmp_path: Path) -> None:
    found = project(tmp_path, OPERATOR + SCHEDULE)
    assert found.schedule == (
        ScheduleEntry(
            "USG-05", date(2026, 5, 1), date(2026, 6, 1), "waived", "migration", "R. Auditor"
        ),
    )
    assert found.parameters == {"tolerance": "0.01"}


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[operator", "tieout.toml", "not TOML"),
        ("", "at the top", "operator is missing"),
        (OPERATOR.replace("Europe/Berlin", "Berlin"), "[operator]", "time_zone 'Berlin'"),
        (OPERATOR.replace('"EUR"', '"Euro"'), "[operator]", "currency_code is 'Euro'"),
        (OPERATOR.replace('"49"', '"+49"'), "[operator]", "home_country_code is '+49'"),
        (OPERATOR + "colour = 1\n", "[operator]", "colour is not known"),
        (OPERATOR + "[feed.x]\n", "at the top", "feed is not known"),
        (OPERATOR + "[feeds.cdr]\n", "[feeds.cdr]", "'cdr' has no contract"),
        (OPERATOR + "[feeds.network_usage]\n", "[feeds.network_usage]", "path is missing"),
        (OPERATOR + USAGE + "header = 1\n", "[feeds.network_usage]", "header is 1"),
        (OPERATOR + USAGE + 'format = "xls"\n', "[feeds.network_usage]", "format is 'xls'"),
        (OPERATOR + USAGE + 'delimiter = ""\n', "[feeds.network_usage]", "delimiter is"),
        (OPERATOR + USAGE + 'quote = ","\n', "[feeds.network_usage]", "quote is"),
        (OPERATOR + USAGE + "header = false\n", "[feeds.network_usage]", "column_names is for"),
        (OPERATOR + USAGE + 'time_zone = "Mars"\n', "[feeds.network_usage]", "time_zone 'Mars'"),
        (OPERATOR + USAGE + 'separator = ";"\n', "[feeds.network_usage]", "separator is not known"),
        (
            OPERATOR + USAGE + 'columns = { duration = "d" }\n',
            "[feeds.network_usage]",
            "'duration' is not in the contract",
        ),
        (
            OPERATOR + USAGE + 'code_lists = { service_code = { "1" = "fax" } }\n',
            "[feeds.network_usage]",
            "is 'fax'",
        ),
        (
            OPERATOR + USAGE + 'trailer = { starts_with = "T", total_field = 2 }\n',
            "trailer",
            "belong together",
        ),
        (
            OPERATOR
            + USAGE
            + 'trailer = { starts_with = "T", total_field = 2, total_column = "ne_id" }\n',
            "trailer",
            "holds no figures",
        ),
        (
            OPERATOR + '[feeds.orders]\nformat = "table"\nurl = "sqlite:///x.db"\ntable = "o"\n',
            "[feeds.orders]",
            "order_by is missing",
        ),
        (
            OPERATOR + '[feeds.orders]\nformat = "table"\norder_by = ["a"]\n',
            "[feeds.orders]",
            "needs url",
        ),
        (OPERATOR + SCHEDULE.replace("2026-06", "2026-04"), "no 1", "lies before"),
        (OPERATOR + SCHEDULE.replace("2026-06", "June"), "no 1", "to_month is 'June'"),
        (OPERATOR + SCHEDULE.replace("USG-05", "usg5"), "no 1", "control_id is 'usg5'"),
    ],
)
def test_an_error_names_section_and_field(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        project(tmp_path, text)
    assert where in caught.value.where
    assert what in caught.value.what


def test_a_folder_without_tieout_toml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no tieout.toml"):
        load_project(tmp_path)


def test_only_what_changes_rows_changes_the_fingerprint(tmp_path: Path) -> None:
    contract = load_contracts()["network_usage"]

    def fingerprint(text: str) -> str:
        return project(tmp_path, text).fingerprint(contract)

    first = fingerprint(OPERATOR + USAGE)
    assert fingerprint(OPERATOR + USAGE + 'on_change = "replace"\n') == first
    assert fingerprint(OPERATOR + USAGE.replace("net/", "other/")) == first
    assert fingerprint(OPERATOR.replace("Test", "Other") + USAGE) == first
    assert fingerprint(OPERATOR + USAGE + 'time_zone = "Asia/Tokyo"\n') != first
    assert fingerprint(OPERATOR.replace("Europe/Berlin", "Asia/Tokyo") + USAGE) != first
    assert fingerprint(OPERATOR + USAGE + 'columns = { quantity = "q" }\n') != first
