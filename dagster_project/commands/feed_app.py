"""`tieout feed`: names and options; what a command does is loaded when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

feed_app = typer.Typer(help="Map your own files to feeds, and try the mapping.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Feed = Annotated[str, typer.Argument(metavar="FEED")]
File = Annotated[Path | None, typer.Argument(metavar="[FILE]", show_default=False)]


@feed_app.command("list")
def feed_list(context: typer.Context, as_json: AsJson = False) -> int:
    """Every feed: mapped or not, what is loaded, and the controls that need it."""
    from dagster_project.commands.feeds import list_feeds

    return list_feeds(context.obj, as_json=as_json)


@feed_app.command("show")
def feed_show(context: typer.Context, feed: Feed, as_json: AsJson = False) -> int:
    """What a feed must hold, its presets, and how it is mapped now."""
    from dagster_project.commands.feeds import show

    return show(context.obj, feed, as_json=as_json)


@feed_app.command("preview")
def feed_preview(
    context: typer.Context,
    feed: Feed,
    file: File = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many lines.")] = 3,
    as_json: AsJson = False,
) -> int:
    """The first lines as they would load, beside what the file says; personal data is masked."""
    from dagster_project.commands.feed_trial import preview

    return preview(context.obj, feed, file, limit=limit, as_json=as_json)


@feed_app.command("check")
def feed_check(
    context: typer.Context, feed: Feed, file: File = None, as_json: AsJson = False
) -> int:
    """Run the contract without loading: what would load, what not, and what to do about it."""
    from dagster_project.commands.feed_trial import check

    return check(context.obj, feed, file, as_json=as_json)


@feed_app.command("suggest")
def feed_suggest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    feed: Annotated[str, typer.Option("--feed", help="The feed it fills, when you know.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Append it to tieout.toml.")] = False,
    as_json: AsJson = False,
) -> int:
    """Propose which feed a file fills and how: a block for tieout.toml on stdout."""
    from dagster_project.commands.feed_suggest import suggest

    return suggest(context.obj, file, feed, write=write, as_json=as_json)
