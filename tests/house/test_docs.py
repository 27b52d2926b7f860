"""What the documents say can be done, can be done; what can be found, has a page."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from dagster_project import cli
from tests.house import tree

README = tree.ROOT / "README.md"
PAGES = tree.ROOT / "docs" / "controls"
SECTIONS = ["What it checks", "Why money is lost", "How to act", "What it cannot see"]


def documents() -> list[Path]:
    return [README, *sorted((tree.ROOT / "docs").rglob("*.md"))]


def _in_code(text: str) -> str:
    """Only what stands in code blocks and code spans: prose may use the word tieout freely."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", rest)])


def test_every_make_command_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", tree.read(tree.ROOT / "Makefile"), re.MULTILINE))
    told = {
        (tree.relative(path), word)
        for path in documents()
        for word in re.findall(r"(?m)(?:^|[`$&|] ?)make ([a-z]+)", _in_code(tree.read(path)))
    }
    tree.assert_none(
        [f"{where}: make {word}" for where, word in sorted(told) if word not in targets]
    )
    assert {"demo", "test"} <= {word for _, word in told}


def test_every_tieout_command_in_the_documents_exists() -> None:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, typer.core.TyperGroup)
    commands = set(group.commands)
    told = {
        (tree.relative(path), word)
        for path in documents()
        for word in re.findall(r"(?m)(?:^|[$&|/] ?)tieout ([a-z]+)", _in_code(tree.read(path)))
    }
    tree.assert_none([f"{where}: tieout {w}" for where, w in sorted(told) if w not in commands])
    assert {"demo", "init", "run", "explain"} <= {word for _, word in told}


def test_relative_links_lead_somewhere() -> None:
    dead = [
        f"{tree.relative(path)}: {link}"
        for path in documents()
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", tree.read(path))
        if "://" not in link and not (path.parent / link).exists()
    ]
    tree.assert_none(dead)


def test_every_page_of_a_control_has_the_four_sections() -> None:
    astray = []
    assert len(list(PAGES.glob("*.md"))) >= 14
    for page in sorted(PAGES.glob("*.md")):
        text = tree.read(page)
        number = page.stem.upper().replace("_", "-")
        if not text.startswith(f"# {number} "):
            astray.append(f"{page.name}: the title does not begin with {number}")
        if re.findall(r"^## (.+)$", text, re.MULTILINE) != SECTIONS:
            astray.append(f"{page.name}: the sections are not {SECTIONS}")
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            if len(section.split()) < 15:
                astray.append(f"{page.name}: nothing under {section.splitlines()[0]}")
    tree.assert_none(astray)


def test_every_page_belongs_to_a_control() -> None:
    names = {"_".join(control.name.split("_")[1:3]) for control in tree.controls()}
    pages = {page.stem for page in PAGES.glob("*.md")}
    tree.assert_none(sorted(pages ^ names))


def test_a_page_names_every_category_of_its_control() -> None:
    silent = []
    for control in tree.controls():
        page = PAGES / ("_".join(control.name.split("_")[1:3]) + ".md")
        text = tree.read(page) if page.is_file() else ""
        categories = (control.config.get("meta") or {}).get("categories") or []
        silent += [f"{page.name}: {word}" for word in categories if f"`{word}`" not in text]
    tree.assert_none(silent)


def test_the_changelog_names_every_published_table() -> None:
    text = tree.read(tree.ROOT / "CHANGELOG.md")
    silent = [
        model.name
        for model in tree.models()
        if model.is_published and f"`{model.name}`" not in text
    ]
    tree.assert_none(silent)


def test_the_readme_shows_the_tree_as_it_is() -> None:
    text = tree.read(README)
    silent = [name for name in (*tree.PACKAGES, "dbt", "tests", "docs") if f"{name}/" not in text]
    tree.assert_none(silent)
