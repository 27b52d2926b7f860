"""Public test vectors of billing systems, through our own catalogue tables and models.

TIEOUT_VECTORS names the folder of the files; without it they are the public ones and, for settings
that those lack, our own. All cases of a family are built at once. A case that
the catalogue cannot express is an expected failure that says what is missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT
from .vectors import calls, invoices, recurring, usage
from .vectors.family import Family, Figures, decimal, why_not
from .vectors.feeds import Feeds, read_cases

PLACES = (ROOT / "tests" / "data" / "vectors", ROOT.parent / "shared" / "vectors")
OWN = ROOT / "tests" / "data" / "billing_cases"
CHOSEN = os.environ.get("TIEOUT_VECTORS")
FOLDERS = [Path(CHOSEN)] if CHOSEN else [*[p for p in PLACES if p.is_dir()][:1], OWN]
CASES = {case["id"]: case for folder in FOLDERS for case in read_cases(folder)}
FAMILIES: dict[str, Family] = {
    "usage": usage.FAMILY,
    "calls": calls.FAMILY,
    "recurring": recurring.FAMILY,
    "invoices": invoices.FAMILY,
}

pytestmark = pytest.mark.skipif(
    not CASES, reason="no billing vectors: TIEOUT_VECTORS or tests/data/vectors"
)


class Answers:
    """Figures of the models, a build a family, made when first asked for.

    A case that its build cannot take is built alone, so that it fails and the others do not.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, dict[str, Figures | Exception]] = {}

    def of(self, name: str, case_id: str) -> Figures:
        """What the models say of a case."""
        if name not in self._found:
            cases = [case for case in CASES.values() if _family_of(case) == name]
            sayable = [case for case in cases if _is_sayable(FAMILIES[name], case)]
            self._found[name] = self._built(name, sayable, "all")
        found = self._found[name][case_id]
        if isinstance(found, Exception):
            raise found
        return found

    def _built(
        self, name: str, cases: list[dict[str, Any]], part: str
    ) -> dict[str, Figures | Exception]:
        feeds = Feeds()
        for case in cases:
            FAMILIES[name].adders[case["inputs"]["calc"]](case["id"], case["inputs"], feeds)
        try:
            return dict(FAMILIES[name].answer(self._folder / name / part, feeds, cases))
        except Exception as error:
            if len(cases) == 1:
                return {cases[0]["id"]: error}
            half = len(cases) // 2
            first = self._built(name, cases[:half], f"{part}a")
            return first | self._built(name, cases[half:], f"{part}b")


def _is_sayable(family: Family, case: dict[str, Any]) -> bool:
    """Whether a case becomes rows; what is wrong with one that does not is told by its own test."""
    try:
        return not why_not(family, case)
    except (LookupError, ValueError, TypeError, ArithmeticError):
        return False


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return Answers(tmp_path_factory.mktemp("vectors"))


def _family_of(case: dict[str, Any]) -> str | None:
    calc = case["inputs"]["calc"]
    return next((name for name, family in FAMILIES.items() if calc in family.adders), None)


@pytest.mark.parametrize("name", CASES)
def test_the_models_reach_the_figures_of_the_case(name: str, answers: Answers) -> None:
    case = CASES[name]
    family = _family_of(case)
    if family is None:
        pytest.xfail(f"{case['inputs']['calc']} is no part of rating")
    if reason := why_not(FAMILIES[family], case):
        pytest.xfail(reason)
    foreign = FAMILIES[family].foreign
    known = {key: value for key, value in case["expected"].items() if key not in foreign}
    assert known or foreign >= set(case["expected"]), f"none of {sorted(case['expected'])}"
    found = answers.of(family, name)
    missing = sorted(set(known) - set(found))
    assert not missing, f"the models do not say {missing}"
    assert {key: _plain(found[key]) for key in known} == {
        key: _plain(value) for key, value in known.items()
    }


def _plain(value: object) -> object:
    """Numbers in one form, also within lists and mappings."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    try:
        return decimal(value)
    except ArithmeticError:
        return value
