"""Moves staged parts into raw so that a kill at any moment is undone or finished by the next run.

Before the first part moves, a note says which parts come and which go. Once the ledger has the
file, the old parts go and the note is removed. A note that is found later tells what to do.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ingestion.ledger import LandedFile
from ingestion.load import Loaded


class Placer:
    """Gives parts their names below one raw folder."""

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        self.notes = raw / "_tmp" / "notes"

    def recover(self, loaded: Callable[[str, str], bool]) -> None:
        """Finish or undo what an interrupted run left, then clear its leftovers.

        Args:
            loaded: tells whether the ledger holds a feed's file of this hash as loaded.
        """
        for note in sorted(self.notes.glob("*.json")):
            said = json.loads(note.read_text(encoding="utf-8"))
            done = loaded(said["feed"], said["file_hash"])
            for part in said["go"] if done else said["come"]:
                (self.raw / part).unlink(missing_ok=True)
        self.clear()
        self.notes.mkdir(parents=True)

    def clear(self) -> None:
        """Remove what is left of staging."""
        shutil.rmtree(self.raw / "_tmp", ignore_errors=True)

    def place(self, loaded: Loaded, before: Sequence[LandedFile]) -> None:
        """Move the staged parts of a file into place; `before` are the records it replaces."""
        record = loaded.record
        text = json.dumps(
            {
                "feed": record.feed,
                "file_hash": record.file_hash,
                "come": [part for part in record.parts if not (self.raw / part).exists()],
                "go": _replaced(record, before),
            }
        )
        aside = self._note(record).with_suffix(".tmp")
        aside.write_text(text, encoding="utf-8")
        aside.replace(self._note(record))
        for staged, part in loaded.staged:
            target = self.raw / part
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)

    def settle(self, record: LandedFile, before: Sequence[LandedFile]) -> None:
        """Remove the parts that a recorded file replaces."""
        for part in _replaced(record, before):
            (self.raw / part).unlink(missing_ok=True)
        self._note(record).unlink(missing_ok=True)

    def _note(self, record: LandedFile) -> Path:
        name = hashlib.sha256(f"{record.feed}/{record.file_hash}".encode()).hexdigest()[:16]
        return self.notes / f"{name}.json"


def _replaced(record: LandedFile, before: Sequence[LandedFile]) -> list[str]:
    return [part for one in before for part in one.parts if part not in record.parts]
