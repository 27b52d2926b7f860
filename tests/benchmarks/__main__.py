"""`make bench`, or `python -m tests.benchmarks [--n 10000000] [--repeat 3] [--job match rate]`.

Prints a Markdown table per job and writes the figures as JSON. The input is made once per folder
and size.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks import inputs, land_wide, match, product, rate, roaming
from tests.benchmarks.measure import ROOT, Contender, run_interleaved

JOBS = {
    "land": ["tieout", "duckdb_copy", "polars_sink", "pandas_arrow"],
    "land_wide": ["tieout", "duckdb_copy", "polars_sink", "pandas_arrow"],
    "match": [
        "tieout",
        "tieout_keys",
        "tieout_day",
        "tieout_dbt",
        "floor",
        "full_outer_join",
        "polars_thin",
        "pandas_merge",
    ],
    "rate": ["tieout", "tieout_rated", "polars_columns", "python_loop"],
    "documents": ["tieout", "typst_bare", "tieout_ubl", "tieout_json"],
    "roaming": ["tieout", "tieout_part", "pycrate_part", "tieout_ingest"],
}
MADE = "made.json"
# These need the files alone.
LANDING = ("land", "land_wide")
# These make what they need.
ALONE = ("documents", "roaming")
Tell = Callable[[str], None]


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--n", type=int, default=10_000_000, help="records of the network")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the median counts")
    parser.add_argument("--job", nargs="*", choices=list(JOBS), default=list(JOBS))
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks")
    parser.add_argument("--json", type=Path, default=None, help="default: FOLDER/results.json")
    chosen = parser.parse_args(arguments)
    folder = (chosen.folder / str(chosen.n)).resolve()
    results = measure(folder, chosen.n, chosen.repeat, chosen.job, set(chosen.without), _talk)
    path = chosen.json or chosen.folder / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(results, chosen.n, chosen.repeat), indent=1) + "\n")
    print(as_markdown(results))  # noqa: T201 - the result of the command
    missed = [text for is_held, text in bars(results) if not is_held]
    for text in missed:
        _talk(f"missed: {text}")
    return 1 if missed else 0


def measure(
    folder: Path, records: int, repeat: int, jobs: list[str], without: set[str], tell: Tell
) -> dict[str, dict[str, Contender]]:
    """Make the input where it is not there, then run the jobs."""
    if set(jobs) - {*LANDING, *ALONE}:
        prepare(folder, records, tell)
    elif set(jobs) & set(LANDING) and not (folder / "landing").exists():
        inputs.make_inputs(folder, records)
        inputs.write_csv(folder)
    if "land_wide" in jobs and not (folder / "landing" / land_wide.WIDE).exists():
        land_wide.make_files(folder)
    if "roaming" in jobs and not (folder / roaming.FILES[-1]).exists():
        tell("writing roaming files")
        roaming.make_files(folder)
    return {
        job: run_interleaved(
            job, [name for name in JOBS[job] if name not in without], folder, repeat, tell
        )
        for job in jobs
    }


def prepare(folder: Path, records: int, tell: Tell) -> None:
    """Make raw/, the CSV files and the charges; build what the models read."""
    models = [*match.MODELS, *rate.MODELS]
    if not (folder / MADE).exists():
        tell(f"making {records:,} records in {folder}")
        inputs.make_inputs(folder, records)
        inputs.write_csv(folder)
        tell("rating them, so that billing's charges are right but for the seeded ones")
        product.build(folder, models)
        inputs.price_events(folder, product.warehouse_path(folder))
        (folder / MADE).write_text(json.dumps({"records": records}))
    tell("building the models that are not measured")
    product.keep_statements(folder, product.build(folder, models), models)


def bars(results: dict[str, dict[str, Contender]]) -> list[tuple[bool, str]]:
    """What must hold (docs/performance.md), as far as its contenders ran."""
    rules: list[tuple[str, str, str, float]] = [
        ("match", "tieout", "floor", 1 / 5),
        ("match", "full_outer_join", "tieout", 1 / 0.4),
        ("match", "pandas_merge", "tieout", 9),
        ("match", "polars_thin", "tieout", 1),
        ("match", "tieout", "tieout_day", 15),
        ("documents", "tieout", "typst_bare", 1 / 1.2),
        ("roaming", "pycrate_part", "tieout_part", 8),
    ]
    found = []
    for job, slow, quick, least in rules:
        done = results.get(job, {})
        if slow in done and quick in done:
            times = done[slow].cpu_seconds / done[quick].cpu_seconds
            if least < 1:
                found.append(
                    (times <= 1 / least, f"{slow} is {times:.1f}x {quick}, bar {1 / least:.1f}x")
                )
            else:
                found.append((times >= least, f"{slow} is {times:.1f}x {quick}, bar {least:.1f}x"))
    return [*found, *_speeds(results)]


def _speeds(results: dict[str, dict[str, Contender]]) -> list[tuple[bool, str]]:
    found = []
    if "tieout" in results.get("land", {}):
        speed = _speed(results["land"]["tieout"])
        found.append((speed >= 110, f"landing {speed:.0f} MB/CPU s, bar 110"))
    for job in LANDING:
        if {"tieout", "duckdb_copy"} <= set(results.get(job, {})):
            times = results[job]["tieout"].cpu_seconds / results[job]["duckdb_copy"].cpu_seconds
            found.append((times <= 1.3, f"{job} {times:.2f}x a bare COPY, bar 1.3x"))
    if "tieout" in results.get("roaming", {}):
        done = results["roaming"]["tieout"]
        speed = int(done.facts["records"]) / done.cpu_seconds
        found.append((speed >= 50_000, f"{speed:,.0f} roaming records/CPU s, bar 50,000"))
    if "tieout" in results.get("rate", {}):
        speed = _speed(results["rate"]["tieout"])
        found.append((speed >= 1.5, f"rating {speed:.2f} M records/CPU s, bar 1.5"))
        if "python_loop" in results["rate"]:
            times = speed / _speed(results["rate"]["python_loop"])
            found.append((times >= 12, f"rating {times:.1f}x the loop, bar 12x"))
    for name, least in (("tieout", 15), ("tieout_ubl", 300)):
        if name in results.get("documents", {}):
            speed = _documents_a_second(results["documents"][name])
            found.append((speed >= least, f"{name} {speed:.0f} documents/CPU s, bar {least}"))
    return found


def _documents_a_second(contender: Contender) -> float:
    return int(contender.facts["documents"]) / contender.cpu_seconds


def _speed(contender: Contender) -> float:
    """MB or million records per CPU-second."""
    facts = contender.facts
    done = facts.get("bytes") or facts.get("sample") or facts.get("records") or 0
    return int(done) / 1e6 / contender.cpu_seconds


def as_markdown(results: dict[str, dict[str, Contender]]) -> str:
    """A table per job, then the bars."""
    lines = []
    for job, contenders in results.items():
        first = next(iter(contenders.values()))
        lines += [f"\n### {job}\n", "| contender | CPU s | to tieout | wall s | peak MB | found |"]
        lines += ["|---|---|---|---|---|---|"]
        for one in contenders.values():
            share = _scaled(one) / _scaled(first)
            facts = ", ".join(f"{name} {value:,}" for name, value in one.facts.items())
            lines.append(
                f"| {one.name} | {one.cpu_seconds:.2f} | {share:.2f} | {one.wall_seconds:.2f} "
                f"| {one.peak_mb:,} | {facts} |"
            )
    lines += [
        "",
        *(f"- {'held' if held else '**missed**'}: {text}" for held, text in bars(results)),
    ]
    return "\n".join(lines)


def _scaled(contender: Contender) -> float:
    """CPU-seconds for the whole scope, also where only a sample was done."""
    facts = contender.facts
    whole = int(facts["of"]) / int(facts["sample"]) if "sample" in facts else 1
    return contender.cpu_seconds * whole


def as_json(results: dict[str, dict[str, Contender]], records: int, repeat: int) -> dict[str, Any]:
    """Everything measured, run by run."""
    return {
        "records": records,
        "repeat": repeat,
        "machine": {"processor": platform.machine(), "python": platform.python_version()},
        "duckdb": duckdb.__version__,
        "jobs": {
            job: {
                one.name: {"facts": one.facts, "runs": [run.__dict__ for run in one.runs]}
                for one in contenders.values()
            }
            for job, contenders in results.items()
        },
        "bars": [{"held": held, "text": text} for held, text in bars(results)],
    }


def _talk(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
