"""`tieout --help` answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.house import tree

HEAVY = (
    "dagster",
    "dbt",
    "duckdb",
    "great_expectations",
    "numpy",
    "pandas",
    "pyarrow",
    "sklearn",
    "sqlalchemy",
    "streamlit",
)
PROGRAM = """
import json, sys
sys.argv = ["tieout", "--help"]
from dagster_project.cli import main
try:
    main()
except SystemExit as end:
    print(json.dumps({"code": end.code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tree.ROOT, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stderr.strip().splitlines()[-1])
    assert not told["code"]
    assert "tieout" in done.stdout
    loaded = {name.split(".")[0] for name in told["modules"]}
    tree.assert_none(sorted(loaded & set(HEAVY)))
