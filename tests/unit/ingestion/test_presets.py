from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.contracts import load_contracts
from ingestion.errors import ConfigError
from ingestion.mapping import FeedMapping, load_project
from ingestion.presets import ANY_FEED, load_presets
from tests.unit.ingestion.exports import ANSWERS, OPERATOR


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
