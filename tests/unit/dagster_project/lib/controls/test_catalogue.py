from __future__ import annotations

from pathlib import Path

from dagster_project.lib.controls.catalogue import load_catalogue

MODEL = """
models:
  - name: ctl_usg_05__rated_not_billed
    config:
      meta: {control_id: USG-05, title: Rated but not billed, needs: [rated_usage, invoices.net]}
  - name: no_control
"""


def test_the_catalogue_is_the_meta_of_the_models(tmp_path: Path) -> None:
    (tmp_path / "usage").mkdir()
    (tmp_path / "usage" / "ctl.yml").write_text(MODEL)
    [one] = load_catalogue(tmp_path)
    assert (one["control_id"], one["feeds"]) == ("USG-05", ["invoices", "rated_usage"])
    assert one["model"] == "ctl_usg_05__rated_not_billed"
