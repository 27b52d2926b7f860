from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingestion.contracts import load_contracts
from ingestion.errors import ConfigError
from ingestion.mapping import FeedMapping, load_project
from ingestion.presets import ANY_FEED, load_presets
from tests.unit.ingestion.exports import ANSWERS, OPERATOR
from tests.unit.ingestion.landing import Landing


def mapped(folder: Path, text: str, feed: str = "network_usage") -> FeedMapping:
    (folder / "tieout.toml").write_text(OPERATOR + text, encoding="utf-8")
    return load_project(folder).feeds[feed]


def test_every_preset_is_a_mapping_that_its_feed_accepts(tmp_path: Path) -> None:
    for preset in load_presets().values():
        feeds = load_contracts() if preset.feed == ANY_FEED else [preset.feed]
        for feed in feeds:
            said = f'[feeds.{feed}]\npreset = "{preset.preset}"\npath = "*"\n'
            said += "".join(f"{key} = {ANSWERS[key]}\n" for key in preset.asks)
            assert mapped(tmp_path, said, feed).preset == preset.preset
        assert preset.title and preset.about


def test_what_the_project_says_goes_over_the_preset(tmp_path: Path) -> None:
    said = '[feeds.network_usage]\npreset = "generic"\npath = "*.csv"\ndelimiter = ";"\n'
    feed = mapped(tmp_path, said + '[feeds.network_usage.columns]\nne_id = "switch"\n')
    assert (feed.delimiter, feed.quote, feed.columns) == (";", '"', {"ne_id": "switch"})


@pytest.mark.parametrize("name", ["generik", "", 3])
def test_an_unknown_preset_is_named_with_those_that_fit(tmp_path: Path, name: object) -> None:
    said = f'[feeds.network_usage]\npreset = {name!r}\npath = "*.csv"\n'.replace("'", '"')
    with pytest.raises(ConfigError) as refused:
        mapped(tmp_path, said)
    assert "[feeds.network_usage]" in refused.value.where
    assert "preset" in refused.value.what


def test_preset_and_checks_make_no_new_parts(tmp_path: Path) -> None:
    contract = load_contracts()["network_usage"]
    plain = '[feeds.network_usage]\npath = "*.csv"\nquote = "\\""\n'
    prints = set()
    for more in ("", 'preset = "generic"\n', 'checks = { long = "1 = 1" }\n'):
        mapped(tmp_path, plain + more)
        prints.add(load_project(tmp_path).fingerprint(contract))
    assert len(prints) == 1


def test_what_a_format_does_not_tell_must_be_said(tmp_path: Path) -> None:
    said = '[feeds.network_usage]\npreset = "asterisk_cdr_csv"\npath = "*.csv"\n'
    with pytest.raises(ConfigError) as refused:
        mapped(tmp_path, said)
    assert "needs time_zone" in refused.value.what


def test_the_page_lists_every_preset_and_what_it_asks_for() -> None:
    page = Path(__file__).parents[3] / "docs" / "presets.md"
    told = {
        line.split("|")[1].strip(" `"): line
        for line in page.read_text().splitlines()
        if "|" in line
    }
    presets = load_presets()
    assert set(presets) == {name for name in told if name in presets}
    for name, preset in presets.items():
        assert all(f"`{key}`" in told[name] for key in preset.asks), name
        assert preset.title in told[name]
    assert {name for name in told if "_" in name} <= set(presets)


def test_one_payload_fills_two_feeds(tmp_path: Path) -> None:
    order = {
        "id": "O1",
        "@type": "ProductOrder",
        "orderDate": "2026-07-01T10:00:00Z",
        "state": "completed",
        "productOrderItem": [{"id": no, "action": "add", "state": "completed"} for no in "12"],
    }
    said = "".join(
        f'[feeds.{feed}]\npreset = "tmf622_{feed}"\npath = "orders.json"\n'
        for feed in ("orders", "order_items")
    )
    landing = Landing(tmp_path, said)
    landing.put("orders.json", json.dumps(order))
    report = landing.ingest()
    assert [file.status for file in report.files] == ["loaded", "loaded"]
    assert landing.rows("order_id", "crm__orders") == [("O1",)]
    assert landing.rows("order_item_id, order_id", "crm__order_items") == [
        ("O1-1", "O1"),
        ("O1-2", "O1"),
    ]
