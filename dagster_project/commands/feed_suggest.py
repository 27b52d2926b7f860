"""`tieout feed suggest`: from an unknown file to a mapping that can be tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import open_workspace
from dagster_project.commands.feeds import unknown_feed
from dagster_project.commands.options import Options
from dagster_project.commands.talk import Talk, print_json, print_lines
from dagster_project.lib.errors import UsageError
from dagster_project.resources.settings import PROJECT_FILE

if TYPE_CHECKING:
    from ingestion.suggest.match import Match
    from ingestion.suggest.propose import Proposal, Suggestion


def suggest(options: Options, path: Path, feed: str, *, write: bool, as_json: bool) -> int:
    """The command `tieout feed suggest`; 3 when no proposal is whole."""
    from ingestion.contracts import load_contracts
    from ingestion.suggest.propose import suggest as propose

    if feed and feed not in load_contracts():
        raise unknown_feed(feed)
    workspace = open_workspace(options)
    named = path if path.is_file() else workspace.project.landing / path
    if not named.is_file():
        raise UsageError(
            "TIE-2032",
            f"there is no file {path}",
            where=str(named),
            effect="nothing was read",
            fix="name a file here, or one below the landing folder",
        )
    found = propose(workspace.project, named, feed or None)
    best = found.proposals[0]
    if write:
        _append(workspace.project_dir / PROJECT_FILE, best)
    if as_json:
        print_json({**_document(found), "is_written": write})
    else:
        _print(found, best, Talk(quiet=options.quiet), is_written=write)
    return 0 if not best.missing else 3


def _document(found: Suggestion) -> dict[str, Any]:
    return {
        "source_file": found.source_file,
        "dialect": found.dialect,
        "row_count": found.row_count,
        "proposals": [
            {
                "feed": one.feed,
                "preset": one.preset,
                "score": one.score,
                "tried_count": one.tried,
                "would_load_count": one.would_load,
                "columns": [_column(match) for match in one.matches],
                "missing": one.missing,
                "unused": one.unused,
                "notes": one.notes,
                "toml": one.toml,
            }
            for one in found.proposals
        ],
    }


def _column(one: Match) -> dict[str, Any]:
    return {
        "column": one.column.name,
        "sources": one.sources,
        "expression": one.expression,
        "confidence": one.confidence,
        "codes": one.reading.codes,
        "unknown_codes": one.reading.unknown_codes,
        "notes": one.notes,
    }


def _print(found: Suggestion, best: Proposal, talk: Talk, *, is_written: bool) -> None:
    """The block on stdout, so that it can be sent into a file; all else on stderr."""
    print_lines([best.toml.rstrip()])
    for one in found.proposals:
        preset = f", preset {one.preset}" if one.preset else ""
        missing = f", missing: {', '.join(one.missing)}" if one.missing else ""
        tried = f"{one.would_load} of {one.tried} lines would load"
        talk.say(f"{one.score:.2f}  {one.feed}{preset}: {tried}{missing}")
    if best.unused:
        talk.say(f"columns of the file that nothing uses: {', '.join(best.unused)}")
    for note in best.notes:
        talk.say(f"look at: {note}")
    name = found.source_file
    done = f"written to {PROJECT_FILE}" if is_written else "add it with --write, or paste it"
    talk.say(f"{done}; then `tieout feed check {best.feed}`, `tieout feed preview {best.feed}`")
    if "/" not in name:
        talk.say(f"the file must lie in landing/ for path to find it: {name}")


def _append(path: Path, best: Proposal) -> None:
    """Add the block to tieout.toml in one step; what is there stays as it is.

    Raises: UsageError when the feed is mapped already, or would not be afterwards.
    """
    import tomllib

    from ingestion.mapping import feed_mapping

    text = path.read_text(encoding="utf-8")
    if best.feed in tomllib.loads(text).get("feeds", {}):
        raise UsageError(
            "TIE-2033",
            f"feed {best.feed} is mapped already",
            where=f"{path} [feeds.{best.feed}]",
            effect="nothing was written",
            fix="remove that section first, or paste what you want from `tieout feed suggest`",
        )
    longer = f"{text.rstrip()}\n\n{best.toml}"
    feed_mapping(best.feed, tomllib.loads(longer)["feeds"][best.feed])
    aside = path.with_suffix(".toml.new")
    aside.write_text(longer, encoding="utf-8")
    aside.chmod(path.stat().st_mode)
    aside.replace(path)
