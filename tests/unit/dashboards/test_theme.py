"""Colours can be told apart from their ground, and the two places that name them agree."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dashboards.parts.theme import DARK, LIGHT, Palette

CONFIG = Path(__file__).resolve().parents[3] / "dashboards" / ".streamlit" / "config.toml"
THEMES = [("light", LIGHT), ("dark", DARK)]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def configured(name: str) -> dict[str, str]:
    theme: dict[str, str] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][name]
    return theme


@pytest.mark.parametrize(("name", "palette"), THEMES)
def test_the_configuration_has_the_colours_of_the_charts(name: str, palette: Palette) -> None:
    theme = configured(name)
    pairs = {
        "backgroundColor": palette.background, "textColor": palette.text,
        "primaryColor": palette.blue, "redColor": palette.vermillion,
        "greenColor": palette.green, "orangeColor": palette.orange,
        "violetColor": palette.purple, "grayColor": palette.grey,
    }  # fmt: skip
    assert {key: theme[key] for key in pairs} == pairs


@pytest.mark.parametrize(("name", "palette"), THEMES)
def test_text_can_be_read(name: str, palette: Palette) -> None:
    theme = configured(name)
    texts = [value for key, value in theme.items() if key.endswith(("TextColor", "linkColor"))]
    texts.append(palette.text)
    assert min(contrast(text, palette.background) for text in texts) >= 4.5
    assert contrast(palette.on_much, palette.sequential[-1]) >= 4.5
    assert contrast(palette.text, palette.sequential[0]) >= 4.5


@pytest.mark.parametrize(("name", "palette"), THEMES)
def test_bars_can_be_seen(name: str, palette: Palette) -> None:
    # orange is below 3:1 on white; its bars carry an arrow and the amount beside them
    colours = [palette.blue, palette.vermillion, palette.green, palette.grey]
    assert min(contrast(colour, palette.background) for colour in colours) >= 3
