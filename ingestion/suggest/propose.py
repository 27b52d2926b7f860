"""`suggest`: ranked proposals of a feed and a mapping for a file, each tried on its first lines."""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from ingestion.contracts import Contract, load_contracts
from ingestion.errors import ConfigError, FileRefusedError, IngestError, Message
from ingestion.layout import Layout
from ingestion.mapping import FeedMapping, Project, feed_mapping
from ingestion.packed import members
from ingestion.presets import ANY_FEED, Preset, load_presets
from ingestion.scan import read_content
from ingestion.sources.formats import ELEMENTS
from ingestion.suggest.documents import element_sample
from ingestion.suggest.match import Match, Sheet, match, sure_keys
from ingestion.suggest.names import load_words, words_of
from ingestion.suggest.profile import profile
from ingestion.suggest.render import mapping_toml, preset_toml
from ingestion.suggest.sample import read_sample
from ingestion.suggest.sniff import Dialect, sniff
from ingestion.trial import Trial, check

_LINES = 2000
_LONGEST_LINE = 1 << 24


@dataclass(frozen=True)
class Proposal:
    """One feed that the file could fill, and how.

    `would_load` of `tried` lines of the sample load with it; `missing` are required columns that
    nothing in the file fills.
    """

    feed: str
    preset: str | None
    score: float
    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]
    toml: str
    tried: int = 0
    would_load: int = 0


@dataclass(frozen=True)
class Suggestion:
    """What is known of a file, and the proposals, the best first."""

    source_file: str
    dialect: Dialect
    row_count: int
    proposals: tuple[Proposal, ...]


def suggest(project: Project, path: Path, feed: str | None = None, most: int = 3) -> Suggestion:
    """Propose feeds and mappings for a file.

    Args:
        project: whose operator the file is of.
        path: the file.
        feed: only this feed.
        most: how many proposals.

    Raises:
        ConfigError: the file is empty, or of no format that is read here.
        FileRefusedError: it cannot be read.
    """
    name = source_name(project, path)
    with tempfile.TemporaryDirectory(prefix="tieout-suggest-") as folder:
        plain = _out_of_archive(path, Path(folder))
        dialect = sniff(plain)
        head = _cut(plain, Path(folder), dialect)
        sample = read_sample(project, head, dialect, _LINES)
        sheet = Sheet(name, sample, tuple(profile(sample)))
        contracts = [one for one in load_contracts().values() if feed in (None, one.feed)]
        found = [_proposal(one, sheet, project, dialect) for one in contracts]
        found.sort(key=lambda one: -one.score)
        tried = [_tried(one, project, head) for one in found[:most]]
        presets = list(_presets(project, head, dialect, feed, sheet))
    ranked = sorted([*presets, *tried], key=lambda one: -one.score)
    return Suggestion(name, dialect, sample.num_rows, tuple(ranked[:most]))


def source_name(project: Project, path: Path) -> str:
    """Return the name of a file below the landing folder, or its bare name elsewhere."""
    landing, place = project.landing.resolve(), path.resolve()
    return place.relative_to(landing).as_posix() if place.is_relative_to(landing) else path.name


def _out_of_archive(path: Path, folder: Path) -> Path:
    """Copy the beginning of the first file in a zip archive; any other file is taken as it is."""
    first = members(path)[0]
    if first == path:
        return path
    target, size = folder / "archive" / first.name, 0
    target.parent.mkdir()
    with target.open("wb") as stream:
        for block in read_content(first, path.name):
            size += stream.write(block)
            if size > _LONGEST_LINE:
                break
    return target


def _cut(path: Path, folder: Path, dialect: Dialect) -> Path:
    """Copy the first lines of a text file; what is not lines is taken as it is."""
    if dialect.format == "parquet":
        return path
    target = folder / re.sub(r"\.(gz|bz2)$", "", path.name)
    if dialect.format not in ("csv", "jsonl"):
        if target.name == path.name:
            return path
        target.write_bytes(b"".join(read_content(path, path.name)))
        return target
    lines: list[bytes] = []
    rest = b""
    for block in read_content(path, path.name):
        pieces = (rest + block).split(b"\n")
        rest = pieces.pop()
        lines += pieces
        if len(lines) > _LINES or len(rest) > _LONGEST_LINE:
            rest = b""
            break
    if not lines and not rest:
        raise ConfigError(
            f"its first line is longer than {_LONGEST_LINE >> 20} MB",
            where=path.name,
            effect="nothing can be proposed",
            fix="ask for a file with line ends",
        )
    kept = [*islice(lines, _LINES + 1), *([rest] if rest else [])]
    if dialect.trailer and kept and kept[-1].startswith(dialect.trailer.encode()):
        kept.pop()
    target.write_bytes(b"\n".join(kept) + b"\n")
    return target


def _proposal(contract: Contract, sheet: Sheet, project: Project, dialect: Dialect) -> Proposal:
    matches = match(contract, sheet, project.operator)
    filled = {one.column.name: one for one in matches}
    needed = [column for column in contract.columns if column.required]
    missing = tuple(column.name for column in needed if column.name not in filled)
    sure = [filled[one.name].confidence if one.name in filled else 0.0 for one in needed]
    used = {name for one in matches for name in one.sources}
    share = len(used) / max(1, len(sheet.profiles))
    speaks = _words_for(contract.feed, sheet.name)
    shared = bool(sharing_feeds(project, contract.feed, sheet.name))
    score = 0.65 * sum(sure) / len(sure) + 0.25 * share + speaks - 0.1 * len(missing)
    key = filled.get(contract.key[0])
    if key and len(sure_keys(contract)) == 1 and not _is_unique(key, sheet):
        score *= 0.75
    return Proposal(
        contract.feed,
        None,
        round(max(score, 0.0), 3),
        tuple(matches),
        missing,
        tuple(one.name for one in sheet.profiles if one.name not in used),
        tuple(_notes(matches, dialect)),
        mapping_toml(
            contract, sheet, dialect, project.operator, matches, missing, is_shared=shared
        ),
    )


def sharing_feeds(project: Project, feed: str, source_file: str) -> list[str]:
    """Return the other feeds whose mapping finds the same file."""
    name = PurePosixPath(source_file)
    return [
        other
        for other, mapping in project.feeds.items()
        if other != feed and any(name.match(pattern) for pattern in mapping.path)
    ]


def _is_unique(key: Match, sheet: Sheet) -> bool:
    return len(key.sources) != 1 or sheet.profile(key.sources[0]).is_unique


def _words_for(feed: str, file_name: str) -> float:
    """Return what the name of the file and custom say for a feed."""
    words = load_words()
    said = set(words_of(file_name))
    told = [set(phrase.split()) for phrase in words["feeds"].get(feed, [feed.replace("_", " ")])]
    custom = 0.05 if feed in words["common"] else 0.0
    return custom + (0.05 if any(phrase <= said for phrase in told) else 0.0)


def _notes(matches: Sequence[Match], dialect: Dialect) -> Iterator[str]:
    for one in matches:
        for code in one.reading.unknown_codes:
            yield f"{one.column.name}: nobody knows the code {code!r}; say what it means"
        if one.confidence < 0.5:
            said = one.expression or one.sources[0]
            yield f"{one.column.name} = {said} is a guess ({one.confidence:.2f})"
    yield from dialect.notes


def _tried(one: Proposal, project: Project, head: Path) -> Proposal:
    """Run the contract over the sample with the proposed mapping; what loads counts."""
    try:
        spec = tomllib.loads(one.toml)["feeds"][one.feed]
        trial = _try(project, feed_mapping(one.feed, spec), head)
    except IngestError as error:
        return replace(one, notes=(*one.notes, str(error.message.what)))
    lines = trial.loaded_count + trial.quarantined_count
    # A file without a required column is refused whole: that is counted in the score already.
    share = trial.loaded_count / lines if lines else 0.8
    reasons = tuple(
        f"{item.line_count} of {lines} lines would not load: {item.column_name or 'line'},"
        f" {item.reason_code}; {item.fix}"
        for item in trial.reasons
    )
    return replace(
        one,
        score=round(one.score * (0.5 + 0.5 * share), 3),
        notes=(*one.notes, *reasons),
        tried=lines,
        would_load=trial.loaded_count,
    )


def _try(project: Project, mapping: FeedMapping, head: Path) -> Trial:
    # The cut sample has no trailer any more.
    alone = replace(mapping, trailer=None)
    return check(replace(project, feeds={mapping.feed: alone}), mapping.feed, head, threads=1)


def _presets(
    project: Project, head: Path, dialect: Dialect, feed: str | None, sheet: Sheet
) -> Iterator[Proposal]:
    """Yield the presets with which nearly all lines of the sample load."""
    names = {one.name.lower() for one in sheet.profiles}
    for preset in load_presets().values():
        if preset.mapping.get("format") != dialect.format or preset.feed == ANY_FEED:
            continue
        if dialect.format in ELEMENTS:
            names = _element_names(head, dialect, str(preset.mapping.get("records", "")))
        if feed not in (None, preset.feed) or not _is_near(preset, dialect, names):
            continue
        share, lines, loaded = _fit(project, head, preset)
        if share > 0.9:
            toml = preset_toml(preset, sheet.name, project.operator)
            yield Proposal(
                preset.feed, preset.preset, round(0.9 + 0.1 * share, 3), (), (), (),
                (preset.about,), toml, lines, loaded,
            )  # fmt: skip


def _element_names(head: Path, dialect: Dialect, records: str) -> set[str]:
    """Return the names inside a document when a preset says where its records are."""
    try:
        sample = element_sample(head, dialect.format, Layout(records=records), 20)
    except FileRefusedError:
        return set()
    return {name.lower() for name in sample.column_names}


def _is_near(preset: Preset, dialect: Dialect, names: set[str]) -> bool:
    """Tell whether the file has most of the columns that a preset speaks of."""
    if dialect.format == "csv" and not dialect.header:
        return len(preset.mapping.get("column_names", ())) == len(dialect.column_names)
    expressions = preset.mapping.get("columns", {}).values()
    asked = [found for one in expressions if (found := _identifiers(one))]
    return sum(bool(found & names) for found in asked) >= 0.6 * max(1, len(asked))


def _identifiers(expression: str) -> set[str]:
    bare = re.sub(r"'(?:[^']|'')*'", " ", expression)
    quoted = set(re.findall(r'"([^"]+)"', bare))
    plain = re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", re.sub(r'"[^"]+"', " ", bare))
    return {one.lower() for one in (*quoted, *plain)}


def _fit(project: Project, head: Path, preset: Preset) -> tuple[float, int, int]:
    try:
        spec = tomllib.loads(preset_toml(preset, "any", project.operator))["feeds"][preset.feed]
        trial = _try(project, feed_mapping(preset.feed, spec), head)
    except IngestError:
        return 0.0, 0, 0
    lines = trial.loaded_count + trial.quarantined_count
    share = trial.loaded_count / lines if lines else 0.0
    # A check that most lines break says that this is another format; a few may be as they are.
    doubted = max((_line_count(one) for one in trial.messages), default=0)
    return (share if doubted <= 0.5 * lines else 0.0), lines, trial.loaded_count


def _line_count(message: Message) -> int:
    """Return of how many lines a warning of a check speaks."""
    if message.level != "warning" or message.code != "TIE-3007":
        return 0
    return int(message.what.split()[0])
