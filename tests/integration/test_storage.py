"""A disk that is full, a limit that is met, a permission that is missing: real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.ingestion.landing import USAGE, Landing, usage_file, usage_line

from .conftest import ROOT, environment

# Lines that do not compress away, so that the part of the great file is great as well.
SCRIPT = """
import resource, sys
from pathlib import Path
from ingestion.errors import IngestError
from ingestion.ingest import ingest
from ingestion.mapping import load_project
from tests.unit.ingestion.landing import MemoryLedger

folder, home, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
ledger = MemoryLedger()
try:
    report = ingest(load_project(folder), home, ledger)
    print(*(message.text() for message in report.messages), sep="\\n")
except IngestError as error:
    print(error)
print("loaded", *sorted(file.source_file for file in ledger.files() if file.status == "loaded"))
"""


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = Landing(tmp_path / "p", USAGE.replace("*.csv", "*.csv*"))
    landing.put("net/small.csv", usage_file(3))
    return landing


def great_file() -> str:
    numbers = range(1000, 60_000)
    lines = [usage_line(no, network_record_id=f"{no**9 * 7919 % 2**128:032x}") for no in numbers]
    return usage_file(0, *lines)


def run(landing: Landing, home: Path, limit: int = 0, before: tuple[str, ...] = ()) -> str:
    words = (*before, sys.executable, "-c", SCRIPT, str(landing.folder), str(home), str(limit))
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_privilege() -> tuple[str, ...]:
    """Words before a command that make even root keep to the permissions of files."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("permissions do not bind root, and there is no setpriv to give that up")
    names = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={names}", f"--inh-caps={names}")


def test_a_part_that_grows_over_a_limit(landing: Landing, tmp_path: Path) -> None:
    landing.put("net/great.csv", great_file())
    told = run(landing, tmp_path / "home", limit=200_000)
    assert "error[TIE-5002]: home cannot be written to: File too large" in told
    assert "effect: files that were recorded stay loaded" in told
    assert told.endswith("loaded net/small.csv\n")
    again = run(landing, tmp_path / "home")
    assert again.endswith("loaded net/great.csv net/small.csv\n")


def test_a_disk_that_is_full(landing: Landing, tmp_path: Path) -> None:
    """A disk of 1.2 MB, mounted where only this test sees it."""
    landing.put("net/great.csv", great_file())
    home = tmp_path / "home"
    home.mkdir()
    mount = f'mount -t tmpfs -o size=1200k tmpfs {home} && exec "$@"'
    before = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh")
    probe = subprocess.run([*before, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no small disk can be mounted here: {probe.stderr.strip()}")
    told = run(landing, home, before=before)
    assert "error[TIE-5002]: home cannot be written to: No space left on device" in told
    assert told.endswith("loaded net/small.csv\n")


def test_a_home_that_may_not_be_written_to(landing: Landing, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    told = run(landing, home, before=without_privilege())
    assert "error[TIE-5002]: home cannot be written to: Permission denied" in told


def test_files_and_folders_that_may_not_be_read(landing: Landing, tmp_path: Path) -> None:
    bad = landing.put("net/bad.csv", usage_file(4, first=50))
    toml = landing.folder / "tieout.toml"
    hidden = '[feeds.mediation_rejects]\npath = "rejects/*/*.csv"\n'
    toml.write_text(toml.read_text() + hidden, encoding="utf-8")
    folder = landing.put("rejects/hidden/a.csv", "x").parent
    bad.chmod(0)
    folder.chmod(0)
    home = tmp_path / "home"
    told = run(landing, home, before=without_privilege())
    assert "error[TIE-3009]: the file cannot be read: Permission denied" in told
    assert "where: network_usage, net/bad.csv" in told
    assert "error[TIE-5001]: folder hidden cannot be listed: permission denied" in told
    assert told.endswith("loaded net/small.csv\n")
    bad.chmod(0o644)
    folder.chmod(0o755)
    (folder / "a.csv").unlink()
    again = run(landing, home, before=without_privilege())
    assert again.endswith("loaded net/bad.csv net/small.csv\n")
