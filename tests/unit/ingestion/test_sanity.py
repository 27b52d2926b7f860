from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.unit.ingestion.landing import HEADER, USAGE, Landing, usage_file, usage_line

CHECK = USAGE + '[feeds.network_usage.checks]\nshort = "cast(quantity as decimal(18, 3)) <= 3600"\n'


def warnings(landing: Landing) -> list[tuple[str, str, str]]:
    messages = landing.ingest().messages
    return [(one.code, one.what, one.where) for one in messages if one.level == "warning"]


def test_a_line_that_breaks_a_check_loads_and_is_counted(tmp_path: Path) -> None:
    landing = Landing(tmp_path, CHECK)
    long = [usage_line(no, quantity="3601") for no in (8, 9)]
    landing.put("net/a.csv", usage_file(2, long[0]))
    landing.put("net/b.csv", usage_file(1, long[1], long[0], first=20))
    told = warnings(landing)
    assert [(code, where) for code, _, where in told] == [
        ("TIE-3007", "network_usage, net/a.csv, line 4"),
        ("TIE-3007", "network_usage, net/b.csv, line 3, 4"),
    ]
    assert told[1][1].startswith("2 lines break the check short: cast(quantity")
    assert len(landing.rows("quantity")) == 6


def test_lines_that_keep_every_check_say_nothing(tmp_path: Path) -> None:
    landing = Landing(tmp_path, CHECK)
    landing.put("net/a.csv", usage_file(3))
    assert warnings(landing) == []


def test_a_condition_without_an_answer_is_not_broken(tmp_path: Path) -> None:
    landing = Landing(tmp_path, CHECK)
    landing.put("net/a.csv", usage_file(1, usage_line(5, quantity="much")))
    assert warnings(landing) == []
    assert landing.file("net/a.csv").quarantined_count == 1


def test_a_check_that_names_a_missing_column_is_told_and_stops_nothing(tmp_path: Path) -> None:
    landing = Landing(tmp_path, CHECK + 'odd = "billsec <= quantity"\n')
    landing.put("net/a.csv", usage_file(1, usage_line(8, quantity="4000")))
    told = warnings(landing)
    assert [code for code, _, _ in told] == ["TIE-3007", "TIE-3008"]
    assert "odd" in told[1][1] and "billsec" in told[1][1]
    assert landing.file("net/a.csv").loaded_count == 2


def test_a_comma_in_delivered_text_and_a_point_in_a_computed_figure_are_both_right(
    tmp_path: Path,
) -> None:
    feed = USAGE + 'delimiter = ";"\ndecimal_separator = ","\n[feeds.network_usage.columns]\n'
    landing = Landing(tmp_path, feed)
    lines = [HEADER, usage_line(1, quantity="1.234|5"), usage_line(2, quantity="90|25")]
    text = "\n".join(lines).replace(",", ";").replace("|", ",") + "\n"
    for no, expression in enumerate(
        ("quantity", "cast(replace(quantity, ',', '.') as decimal(18,3)) * 60")
    ):
        landing.configure(feed + f'quantity = "{expression}"\n')
        landing.put(f"net/{no}.csv", text + "\n" * no)
        landing.ingest()
        found = [row[0] for row in landing.rows("quantity")]
        assert Decimal("90.25") in found if no == 0 else Decimal("5415") in found
    landing.configure(feed.removesuffix("[feeds.network_usage.columns]\n"))
    landing.ingest()
    assert Decimal("1234.5") in [row[0] for row in landing.rows("quantity")]
