from __future__ import annotations

import io
import zipfile
from decimal import Decimal

from dagster_project.lib.settlement.workbook import Sheet, write_workbook
from ingestion.layout import Layout
from ingestion.sources import xlsx


def read(content: bytes, sheet: str) -> list[list[str | None]]:
    """The rows of a sheet as our own reader of spreadsheets sees them."""
    layout = Layout(sheet=sheet)
    names = xlsx.names([content], "pack.xlsx", layout)
    elements = list(xlsx.walk([content], "pack.xlsx", layout))[1:]
    return [list(names), *[[one.values.get(name) for name in names] for one in elements]]


def test_sheets_are_read_as_they_were_written() -> None:
    first = Sheet("A & B", ("name", "amount"), [["x<y", Decimal("0.10")], ["=1+1", -7]])
    second = Sheet("Wide", [f"c{no}" for no in range(28)], [[str(no) for no in range(28)]])
    content = write_workbook([first, second])
    assert read(content, "A & B") == [["name", "amount"], ["x<y", "0.1"], ["=1+1", "-7"]]
    assert read(content, "Wide")[1][25:] == ["25", "26", "27"]


def test_the_same_sheets_are_the_same_bytes() -> None:
    sheets = [Sheet("S", ("a", "b"), [["x", None], ["\x00", 1]])]
    assert write_workbook(sheets) == write_workbook(sheets)
    with zipfile.ZipFile(io.BytesIO(write_workbook(sheets))) as packed:
        days = {(one.date_time, one.create_system) for one in packed.infolist()}
    assert days == {((1980, 1, 1, 0, 0, 0), 3)}
    assert read(write_workbook(sheets), "S") == [["a", "b"], ["x", None], [" ", "1"]]


def test_text_is_no_formula_and_an_empty_table_is_a_sheet() -> None:
    content = write_workbook([Sheet("S", ("a",), [["=cmd()"]]), Sheet("E", ("nothing",), [])])
    assert read(content, "S") == [["a"], ["=cmd()"]]
    assert read(content, "E") == [["nothing"]]
