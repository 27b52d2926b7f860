"""Reads for the pages: one snapshot per rerun, each answer kept by (snapshot, query, parameters).

A snapshot never changes, so nothing that is kept grows old. The reader stays on the snapshot of the
first look until they switch: figures do not change under their eyes. Links inside the pages carry
its id, so that they show the same figures to whoever opens them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from dagster_project.lib.errors import DataError, TieoutError
from dagster_project.lib.snapshot import Snapshot, current_id, open_snapshot

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
PINNED = "snapshot"
# An id from a URL becomes a part of a path: nothing else may.
_ID = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Reader:
    """Queries over one snapshot; values go into parameters, never into the text."""

    snapshot: Snapshot

    @property
    def snapshot_id(self) -> str:
        """Which snapshot all answers are from."""
        return self.snapshot.snapshot_id

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """A small answer as dictionaries."""
        return _rows(self.snapshot_id, sql, tuple(sorted((params or {}).items())), self.snapshot)

    def one(self, sql: str, params: Mapping[str, Any] | None = None) -> Row:
        """The only row of an answer."""
        return self.rows(sql, params)[0]

    def table(self, sql: str, params: Mapping[str, Any]) -> pa.Table:
        """A large answer for an export; not kept."""
        return self.snapshot.query(sql, dict(params))


def home() -> Path:
    """Where `tieout ui` says that all files are."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--home", type=Path, default=Path(".tieout"))
    return Path(parser.parse_known_args(sys.argv[1:])[0].home)


def resolve() -> Reader | TieoutError:
    """The snapshot of this rerun: of the URL, of this session, else the current one."""
    wanted = st.query_params.get(PINNED) or st.session_state.get(PINNED)
    try:
        if wanted and not _ID.fullmatch(wanted):
            raise _no_id()
        snapshot = open_snapshot(home(), wanted)
    except TieoutError as error:
        return error
    # not into the address: that would be one more step for the browser's way back
    st.session_state[PINNED] = snapshot.snapshot_id
    return Reader(snapshot)


def newer(reader: Reader) -> str | None:
    """The id that CURRENT names when it is not the one that is shown."""
    current = current_id(home())
    return current if current and current != reader.snapshot_id else None


def link(reader: Reader, **params: str) -> dict[str, str]:
    """The query of a link to another page: it stays on this snapshot."""
    return {**params, PINNED: reader.snapshot_id}


def pin(snapshot_id: str | None) -> None:
    """Put this snapshot into the address and stay on it; go to the current one when None."""
    st.session_state[PINNED] = snapshot_id
    if snapshot_id is None:
        st.query_params.pop(PINNED, None)
    elif st.query_params.get(PINNED) != snapshot_id:
        st.query_params[PINNED] = snapshot_id


@st.cache_data(show_spinner=False, max_entries=16)
def lineage(snapshot_id: str, _folder: Path) -> Mapping[str, Any]:
    """The SQL behind the findings, as it was kept with the snapshot; empty when it was not."""
    try:
        text = (_folder / "lineage.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    content: dict[str, Any] = json.loads(text)
    return content


@st.cache_data(show_spinner=False, max_entries=128, max_size="256MB")
def _rows(
    snapshot_id: str, sql: str, params: tuple[tuple[str, Any], ...], _snapshot: Snapshot
) -> list[Row]:
    return _snapshot.rows(sql, dict(params))


def _no_id() -> DataError:
    return DataError(
        "TIE-3013",
        "the snapshot of this link is not one",
        where="?snapshot= in the address",
        effect="nothing was read",
        fix="switch to the current snapshot; `tieout snapshot list` shows the ids",
    )
