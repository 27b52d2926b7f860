"""Turns whatever went wrong into four parts on stderr and an exit code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

from dagster_project.commands.context import open_workspace
from dagster_project.commands.options import Options

BUG = 70
_PARTS = ("code", "what", "where", "effect", "fix")


def report(error: BaseException, options: Options) -> int:
    """Write the error for a person and say with which code the program ends."""
    if hasattr(error, "format_message") and hasattr(error, "show"):
        # a word or option that the command line does not know: typer says it best
        error.show()
        return 2
    known = find_known(error)
    if known is not None:
        sys.stderr.write(four_parts(known))
        return exit_code(known)
    config = _configuration(error)
    if config:
        sys.stderr.write(config)
        return 2
    return _bug(error, options)


def find_known(error: BaseException) -> Any:
    """The error with the four parts in a chain of causes; None when there is none."""
    looked_at: set[int] = set()
    one: BaseException | None = error
    # chains can bite their own tail when an error is raised again while it is handled
    while one is not None and id(one) not in looked_at:
        if all(isinstance(getattr(one, part, None), str) for part in _PARTS):
            return one
        looked_at.add(id(one))
        one = one.__cause__ or one.__context__
    return None


def exit_code(known: Any) -> int:
    """The first digit of the code: TIE-2xxx usage, 3 data, 4 locked, 5 unreachable."""
    return int(known.code.removeprefix("TIE-")[:1])


def four_parts(known: Any) -> str:
    """Code and what, where, effect, fix; long parts stay under their heading."""
    parts = [f"error[{known.code}]: {known.what}"]
    for name in ("where", "effect", "fix"):
        text = getattr(known, name).strip().replace("\n", "\n          ")
        parts.append(f"  {name + ':':<8}{text}")
    return "\n".join(parts) + "\n"


def _configuration(error: BaseException) -> str:
    """A setting that pydantic refused, named as the variable it came from."""
    if type(error).__name__ != "ValidationError" or not hasattr(error, "errors"):
        return ""
    first = error.errors()[0]
    name = "TIEOUT_" + "_".join(str(part) for part in first["loc"]).upper()
    return (
        f"error[TIE-2025]: {name} cannot be used: {first['msg']}\n"
        f"  where:  {name}={first.get('input')}\n"
        "  effect: nothing was started\n"
        f"  fix:    correct or unset {name}\n"
    )


def _bug(error: BaseException, options: Options) -> int:
    """Keep the trace in a file: a person needs its place, not its text."""
    folder = open_workspace(options).home / "logs"
    trace = "".join(traceback.format_exception(error))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path: Path | str = folder / "last_error.log"
        Path(path).write_text(trace, encoding="utf-8")
    except OSError:
        sys.stderr.write(trace)
        path = "above"
    sys.stderr.write(
        f"error[TIE-7000]: {type(error).__name__}: {error}\n"
        f"  where:  the trace is {path}\n"
        "  effect: the command stopped; what was published before stays\n"
        "  fix:    this is a fault of Tieout; report it with that trace\n"
    )
    return BUG
