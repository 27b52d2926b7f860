from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.commands.errors import report
from dagster_project.commands.options import Options
from dagster_project.lib.errors import DataError, LockedError, TieoutError, UnreachableError
from ingestion.errors import ConfigError, TrailerError


def _parts(kind: type[TieoutError], code: str) -> TieoutError:
    return kind(code, "what", where="where", effect="effect", fix="fix\nmore")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (_parts(DataError, "TIE-3010"), 3),
        (_parts(LockedError, "TIE-4001"), 4),
        (_parts(UnreachableError, "TIE-5011"), 5),
        (ConfigError("what", where="where", effect="effect", fix="fix"), 2),
        (TrailerError("what", where="where", effect="effect", fix="fix"), 3),
    ],
)
def test_the_code_says_how_the_program_ends(error: BaseException, code: int) -> None:
    assert report(error, Options()) == code


def test_four_parts_stand_under_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    report(_parts(DataError, "TIE-3010"), Options())
    assert capsys.readouterr().err.splitlines() == [
        "error[TIE-3010]: what",
        "  where:  where",
        "  effect: effect",
        "  fix:    fix",
        "          more",
    ]


def test_an_error_that_was_wrapped_is_found() -> None:
    outer = RuntimeError("wrapped")
    outer.__cause__ = _parts(LockedError, "TIE-4001")
    assert report(outer, Options()) == 4


def test_a_chain_that_bites_its_tail_ends(tmp_path: Path) -> None:
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__context__, other.__context__ = other, one
    assert report(one, Options(home=tmp_path)) == 70


def test_a_fault_of_ours_leaves_its_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        assert report(error, Options(home=tmp_path)) == 70
    log = tmp_path / "logs" / "last_error.log"
    assert str(log) in capsys.readouterr().err
    assert "Traceback" in log.read_text()
