"""`tieout feed suggest`: from an unknown file to a mapping that can be tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    from ingestion.suggest.propose import sharing_feeds
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
        sharing = sharing_feeds(workspace.project, best.feed, found.source_file)
        _append(workspace.project_dir / PROJECT_FILE, best, sharing)
    if as_json:
        print_json({**_document(found), "is_written": write})
    else:
        is_landed = named.resolve().is_relative_to(workspace.project.landing.resolve())
        talk = Talk(quiet=options.quiet)
        _print(found, best, talk, is_written=write, is_landed=is_landed)
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


def _print(
    found: Suggestion, best: Proposal, talk: Talk, *, is_written: bool, is_landed: bool
) -> None:
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
    done = f"written to {PROJECT_FILE}" if is_written else "add it with --write, or paste it"
    talk.say(f"{done}; then `tieout feed check {best.feed}`, `tieout feed preview {best.feed}`")
    if not is_landed:
        talk.say(f"path finds files in landing/ only: put {found.source_file} there")


def _not_shared(path: Path, feed: str) -> UsageError:
    return UsageError(
        "TIE-2034",
        f"feed {feed} takes the same file and does not share it",
        where=f"{path} [feeds.{feed}]",
        effect="nothing was written",
        fix=f"set shares_files = true in [feeds.{feed}], then again",
    )


def _append(path: Path, best: Proposal, sharing: Sequence[str]) -> None:
    """Add the block to tieout.toml in one step; the feeds that share its file are made to say so.

    Raises: UsageError when the feed is mapped already, or another feed cannot be made to share.
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
    for other in sharing:
        text = re.sub(
            rf"(?m)^(\[feeds\.{other}\].*\n)(?!shares_files)", r"\1shares_files = true\n", text
        )
    longer = f"{text.rstrip()}\n\n{best.toml}"
    after = tomllib.loads(longer)["feeds"]
    feed_mapping(best.feed, after[best.feed])
    for other in sharing:
        if not feed_mapping(other, after[other]).shares_files:
            raise _not_shared(path, other)
    aside = path.with_suffix(".toml.new")
    aside.write_text(longer, encoding="utf-8")
    aside.chmod(path.stat().st_mode)
    aside.replace(path)
