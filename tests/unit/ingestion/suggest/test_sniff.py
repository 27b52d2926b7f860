"""How a file is written, told from its first lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.suggest.sniff import sniff


@pytest.mark.parametrize(
    ("text", "delimiter", "comment"),
    [
        ("# calls of July\na|b\n1|2\n3|4\n", "|", "#"),
        ("id,x\n# a note\n1,2\n", ",", "#"),
        # a header that begins with the sign has the fields of the other lines
        ("#id,x\n1,2\n3,4\n", ",", ""),
        ('id;"x\n1;2\n', ";", ""),
    ],
)
def test_a_comment_is_no_header(tmp_path: Path, text: str, delimiter: str, comment: str) -> None:
    path = tmp_path / "unknown.csv"
    path.write_text(text)
    found = sniff(path)
    assert (found.delimiter, found.comment, found.header) == (delimiter, comment, True)
