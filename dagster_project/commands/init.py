"""`tieout init DIR`: a project folder with a commented tieout.toml."""

from __future__ import annotations

from pathlib import Path

from dagster_project.commands.talk import print_json, print_lines
from dagster_project.lib.errors import UsageError
from dagster_project.resources.settings import PROJECT_FILE

TEMPLATE = Path(__file__).parent / "templates" / PROJECT_FILE
IGNORED = "# data and state of Tieout\n.tieout/\n"


def init(folder: Path, *, force: bool, as_json: bool) -> int:
    """Make the folder, its landing folder and its tieout.toml; nothing is overwritten."""
    target = folder / PROJECT_FILE
    if target.exists() and not force:
        raise UsageError(
            "TIE-2030",
            f"there is a {PROJECT_FILE} already",
            where=str(target),
            effect="nothing was changed",
            fix="choose another folder, or overwrite it with --force",
        )
    (folder / "landing").mkdir(parents=True, exist_ok=True)
    target.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(IGNORED, encoding="utf-8")
    if as_json:
        print_json({"project": folder.resolve(), "file": target.resolve()})
        return 0
    print_lines(
        [
            f"made {target}",
            f"1. put your exports into {folder / 'landing'}",
            f"2. map them in {target}: the feeds you have, in any order; the others stay unmapped",
            f"3. cd {folder} && tieout doctor, then tieout run --period YYYY-MM",
        ]
    )
    return 0
