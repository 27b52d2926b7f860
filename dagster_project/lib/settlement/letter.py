"""The letter of a dispute as PDF: texts from pack.py, type set by typst with letter.typ.

The date inside the file is the day of the last step and the fonts are those of the typst package:
the same letter gives the same bytes. The fonts of the machine are asked only for letters that those
do not have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import typst

_TEMPLATE = Path(__file__).with_name("letter.typ")


def render_letter(texts: Mapping[str, object], written_on: date) -> bytes:
    """The letter as PDF/A-2a.

    Raises: typst.TypstError where no font has a letter of it.
    """
    said = json.dumps(texts, ensure_ascii=False)
    try:
        return _compile(said, written_on, has_machine_fonts=False)
    except typst.TypstError:
        return _compile(said, written_on, has_machine_fonts=True)


def _compile(said: str, written_on: date, *, has_machine_fonts: bool) -> bytes:
    fonts = typst.Fonts(include_system_fonts=has_machine_fonts)
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=not has_machine_fonts)
    done = compiler.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"document": said},
        timestamp=datetime.combine(written_on, time(), UTC),
        pdf_standards=["a-2a", "ua-1"],
    )
    if not isinstance(done, bytes):
        raise TypeError(f"typst gave {type(done).__name__}, not one file")
    return done
