"""The catalogue names every category that a control can report."""

from __future__ import annotations

import re

from . import tree

_WORD = re.compile(r"'([A-Z]{2,}(?:_[A-Z]+)+)'")


def _listed(control: tree.Model) -> list[str]:
    return list((control.config.get("meta") or {}).get("categories") or [])


def test_every_control_lists_its_categories() -> None:
    silent = [one.name for one in tree.controls() if not _listed(one)]
    twice = [one.name for one in tree.controls() if len(_listed(one)) > len(set(_listed(one)))]
    tree.assert_none(silent + twice)


def test_a_control_gives_no_category_that_it_does_not_list() -> None:
    strange = [
        f"{control.name}: {word}"
        for control in tree.controls()
        for word in sorted(set(_WORD.findall(control.sql)) - set(_listed(control)))
    ]
    tree.assert_none(strange)


def test_no_model_below_the_controls_gives_a_category_that_none_lists() -> None:
    known = {word for control in tree.controls() for word in _listed(control)}
    strange = [
        f"{model.name}: {word}"
        for model in tree.models()
        if "category" in model.columns and model.layer == "intermediate"
        for word in sorted(set(_WORD.findall(model.sql)) - known)
    ]
    tree.assert_none(strange)
