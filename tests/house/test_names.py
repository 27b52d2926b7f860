"""One name for one thing: the prefixes, endings and ids of STYLE §3."""

from __future__ import annotations

import re

from tests.house import tree

PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_"),
    "controls": ("ctl_", "fct_", "int_"),
}
VERSION_WORDS = re.compile(r"(^|_)(v\d+|new|old|final|tmp|temp|copy)(_|$)")
ENDINGS = {
    "_amount": r"decimal\(18, ?6\)",
    "_at": r"timestamp",
    "_on": r"date",
    "_month": r"date",
    "_count": r"bigint|integer|int",
    "_ratio": r"decimal\(\d+, ?\d+\)",
    "_code": r"text|string|varchar",
    "_type": r"text|string|varchar",
}
FAMILIES = {
    "bil": "billing",
    "dq": "data_quality",
    "ord": "orders",
    "par": "partners",
    "pom": "products",
    "rat": "rating",
    "usg": "usage",
}
CONTROL_NAME = re.compile(r"ctl_([a-z]{2,3})_(\d{2})__[a-z0-9_]+")


def test_models_start_with_their_layer() -> None:
    astray = [
        tree.relative(model.path)
        for model in tree.models()
        if not model.name.startswith(PREFIXES[model.layer])
    ]
    tree.assert_none(astray)


def test_staging_models_are_named_after_source_and_feed() -> None:
    feeds = set(tree.contracts()) | {
        str(table.get("identifier") or table["name"]) for _, _, table in tree.source_tables()
    }
    astray = [
        tree.relative(model.path)
        for model in tree.models()
        if model.layer == "staging"
        and (
            model.name.removeprefix("stg_") not in feeds
            or model.name.split("_")[1] != model.path.parent.name
        )
    ]
    tree.assert_none(astray)


def test_no_version_is_part_of_a_name() -> None:
    astray = [model.name for model in tree.models() if VERSION_WORDS.search(model.name)]
    astray += [tree.relative(p) for p in tree.python_files() if VERSION_WORDS.search(p.stem)]
    tree.assert_none(astray)


def test_the_ending_of_a_column_tells_its_type() -> None:
    astray = []
    for model in tree.models():
        for name, column in model.columns.items():
            declared = str(column.get("data_type") or "").lower()
            wanted = next((t for ending, t in ENDINGS.items() if name.endswith(ending)), None)
            if name.startswith(("is_", "has_")):
                wanted = "boolean"
            if declared and wanted and not re.fullmatch(wanted, declared):
                astray.append(f"{model.name}.{name}: {declared}")
    tree.assert_none(astray)


def test_an_amount_has_its_currency_in_the_same_row() -> None:
    astray = [
        model.name
        for model in tree.models()
        if model.layer in ("marts", "controls")
        and any(name.endswith("_amount") for name in model.columns)
        and "currency_code" not in model.columns
    ]
    tree.assert_none(astray)


def test_file_id_and_page_of_a_control_agree() -> None:
    astray = []
    for control in tree.controls():
        found = CONTROL_NAME.fullmatch(control.name)
        wanted = f"{found[1].upper()}-{found[2]}" if found else "ctl_<family>_<nn>__<words>"
        if (control.config.get("meta") or {}).get("control_id") != wanted:
            astray.append(f"{control.name}: config.meta.control_id is not {wanted}")
        if found and control.path.parent.name != FAMILIES.get(found[1]):
            astray.append(f"{control.name} lies in {control.path.parent.name}/")
        page = tree.ROOT / "docs" / "controls" / f"{wanted.lower().replace('-', '_')}.md"
        if not page.is_file():
            astray.append(f"{control.name}: no page {tree.relative(page)}")
    tree.assert_none(astray)


def test_a_control_id_is_used_once() -> None:
    ids = [str((one.config.get("meta") or {}).get("control_id")) for one in tree.controls()]
    assert sorted(ids) == sorted(set(ids))


def test_every_control_says_who_owns_it() -> None:
    wanted = {"control_id", "title", "owner", "tolerance", "severity"}
    astray = [
        f"{control.name}: config.meta lacks {', '.join(sorted(missing))}"
        for control in tree.controls()
        if (missing := wanted - set(control.config.get("meta") or {}))
    ]
    tree.assert_none(astray)


def test_feeds_are_named_after_their_file() -> None:
    sources = {"crm", "mediation", "billing", "partners"}
    astray = [
        name
        for name, contract in tree.contracts().items()
        if name != f"{contract['source']}__{contract['feed']}" or contract["source"] not in sources
    ]
    tree.assert_none(astray)
