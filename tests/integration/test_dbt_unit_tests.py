"""The dbt unit tests that lie beside the models: each rule on rows written by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT, Demo, environment

SCRIPT = """
import json, sys
from dbt.cli.main import dbtRunner
result = dbtRunner().invoke(["--quiet", "test", "--select", "test_type:unit", *sys.argv[1:]])
found = result.result.results if result.result else []
print(json.dumps([[one.node.name, str(one.status), one.message or ""] for one in found]))
"""


def test_every_dbt_unit_test_passes(demo: Demo, tmp_path: Path) -> None:
    # The models must be there, for their columns; nothing is written to them.
    shutil.copytree(demo.home / "warehouse", tmp_path / "warehouse")
    (database,) = (tmp_path / "warehouse").glob("*.duckdb")
    places = ["--project-dir", ROOT / "dbt", "--profiles-dir", ROOT / "dbt"]
    places += ["--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, places), "--target", "duckdb"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**environment(), "DBT_TIEOUT_HOME": str(demo.home),
             "DBT_TIEOUT_DATABASE": str(database)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    ended = [one for one in told if not one[0].startswith("tieout-on-run")]
    assert len(ended) >= 15
    assert [one for one in ended if one[1] != "pass"] == []
