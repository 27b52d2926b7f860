from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import ConfigError
from ingestion.simulator.roaming.nrtrde import nrtrde_file
from ingestion.simulator.roaming.rap import Return, acknowledgement, rap_file
from ingestion.simulator.roaming.tap import notification, tap_file
from ingestion.suggest.sniff import sniff
from tests.unit.ingestion.tap.roaming import HEAD, event


@pytest.mark.parametrize(
    "content",
    [
        tap_file(HEAD, [event()] * 300),
        tap_file(HEAD, []),
        notification(HEAD),
        nrtrde_file(HEAD, [event()]),
        rap_file(HEAD, [Return("missing", 1)]),
        acknowledgement(HEAD),
    ],
)
def test_a_roaming_file_is_told_with_its_presets(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="looks like a roaming file") as caught:
        sniff(path)
    assert "tap_records" in caught.value.fix


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "add;b\n1;2\n", "bbd\n1\n"])
def test_text_that_begins_alike_is_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    assert sniff(path).format == "csv"
