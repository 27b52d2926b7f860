from __future__ import annotations

from pathlib import Path

from ingestion.quarantine import QuarantinedLine, list_quarantine, mask
from tests.unit.ingestion.landing import HEADER, Landing, usage_line

PROFILES = '[feeds.network_profiles]\npath = "p.csv"\n'


def test_lines_are_listed_in_order_and_masked(landing: Landing) -> None:
    lines = [usage_line(1, service_id="--------"), usage_line(2, unit_code="hour")]
    landing.put("net/b.csv", "\n".join([HEADER, *lines]) + "\n")
    landing.put("net/a.csv", f"{HEADER}\n{usage_line(3, quantity='x')}\n")
    landing.ingest()
    assert list_quarantine(landing.home) == [
        QuarantinedLine("network_usage", "net/a.csv", 2, "type", "quantity", "x", "N000003"),
        QuarantinedLine(
            "network_usage", "net/b.csv", 2, "type", "service_id", "******--", "N000001"
        ),
        QuarantinedLine("network_usage", "net/b.csv", 3, "allowed", "unit_code", "hour", "N000002"),
    ]
    assert len(list_quarantine(landing.home, limit=1)) == 1
    assert list_quarantine(landing.home, feed="tickets") == []


def test_a_key_that_is_personal_is_masked(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "p", PROFILES)
    landing.put(
        "p.csv", "service_id,feature_code,status,valid_from_on\n+4915112345678,voice,active,soon\n"
    )
    landing.ingest()
    (line,) = list_quarantine(landing.home)
    assert line.column_name == "valid_from_on"
    assert line.natural_key is not None
    assert "15112345" not in line.natural_key


def test_a_home_without_runs_has_no_quarantine(tmp_path: Path) -> None:
    assert list_quarantine(tmp_path) == []


def test_short_texts_are_masked_whole() -> None:
    assert [mask(text) for text in ("", "ab", "abcd", "abcde")] == ["", "**", "****", "***de"]


def test_a_file_that_was_mended_leaves_the_quarantine(landing: Landing) -> None:
    landing.put("net/a.csv", f"{HEADER}\n{usage_line(3, quantity='x')}\n")
    landing.ingest()
    landing.configure(
        '[feeds.network_usage]\npath = "net/*.csv"\n'
        "[feeds.network_usage.columns]\nquantity = \"replace(quantity, 'x', '1')\"\n"
    )
    landing.ingest()
    assert list_quarantine(landing.home) == []
    assert list((landing.home / "quarantine" / "network_usage").iterdir()) == []
    assert len(landing.rows("1")) == 1
