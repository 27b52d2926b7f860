"""The colours of charts in both themes; colour-blind safe, and never the only sign of anything."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """One theme. Sequential colours go from little to much."""

    background: str
    text: str
    blue: str
    vermillion: str
    green: str
    orange: str
    purple: str
    grey: str
    faint: str
    sequential: tuple[str, str, str]
    on_much: str


LIGHT = Palette(
    background="#FFFFFF",
    text="#1B2430",
    blue="#0072B2",
    vermillion="#D55E00",
    green="#009E73",
    orange="#E69F00",
    purple="#CC79A7",
    grey="#6B7280",
    faint="#EEF1F5",
    sequential=("#CFE3F2", "#4C9CCB", "#00466E"),
    on_much="#FFFFFF",
)
DARK = Palette(
    background="#12171F",
    text="#E8ECF1",
    blue="#56B4E9",
    vermillion="#FF8A4C",
    green="#2BC4A0",
    orange="#F5B942",
    purple="#E39BC6",
    grey="#9CA3AF",
    faint="#1C2430",
    sequential=("#1F4460", "#3A86B5", "#A5DBFA"),
    on_much="#12171F",
)


def current() -> Palette:
    """The palette of the reader's theme; light until the browser has said which."""
    return DARK if st.context.theme.type == "dark" else LIGHT
