"""Exchange rates in every format: a feed with few columns of many types, and what became of it."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.ingestion.landing import Landing, accounted

NAMES = ["from_currency_code", "to_currency_code", "rate_on", "rate_type", "rate"]
TABLE = "billing__fx_rates"
RATES = '[feeds.fx_rates]\npath = "*"\n'
COLUMN_NAMES = f"header = false\ncolumn_names = {json.dumps(NAMES)}\n"


def loaded(landing: Landing) -> list[tuple[int, str, str]]:
    """Line, currency and rate of what was loaded."""
    rows = landing.rows("_source_row, to_currency_code, rate::VARCHAR", TABLE)
    return [(row, code, f"{Decimal(rate):f}".rstrip("0")) for row, code, rate in rows]


def broken(landing: Landing) -> list[tuple[int, str]]:
    return landing.rows("source_row, reason_code", "tieout__quarantined_rows")


def counts(landing: Landing) -> tuple[int, int, int, int]:
    """Lines read; of them header, trailer and blank ones. All must be accounted for."""
    (file,) = landing.ledger.files()
    assert file.status == "loaded", file.reason
    assert accounted(file) == file.line_count
    return file.line_count, file.header_count, file.trailer_count, file.blank_count


def reason(landing: Landing) -> str:
    (file,) = landing.ledger.files()
    assert file.status == "refused"
    return f"{file.reason}; {file.fix}"


HEAD = ",".join(NAMES)
USD, GBP, CHF = (
    f"EUR,{code},2026-07-01,closing,{rate}"
    for code, rate in (("USD", "1.08"), ("GBP", "0.85"), ("CHF", "0.97"))
)
ALL = [(2, "USD", "1.08"), (3, "GBP", "0.85"), (4, "CHF", "0.97")]


def lines(*texts: str, end: str = "\n") -> str:
    return end.join([*texts, ""])


def record(line: str) -> dict[str, Any]:
    return dict(zip(NAMES, line.split(","), strict=True))


def nested(*texts: str) -> str:
    made = [
        {
            "to": {"code": one["to_currency_code"]},
            "rate_on": one["rate_on"],
            "rate_type": one["rate_type"],
            "values": [0, float(one["rate"])],
        }
        for one in map(record, texts)
    ]
    return json.dumps({"meta": {"n": 1}, "day": {"base": "EUR", "rates": made}})


def xml(*texts: str) -> str:
    made = [
        f'<x:rate base="EUR"><to><code>{one["to_currency_code"]}</code></to>'
        f"<day>{one['rate_on']}</day>"
        f"<value>0</value><value><![CDATA[{one['rate']}]]></value></x:rate>"
        for one in map(record, texts)
    ]
    return f'<?xml version="1.0"?><r xmlns:x="u"><!-- <rate> --><h a=">"/>{"".join(made)}</r>'


def detail(line: str) -> str:
    one = record(line)
    return (
        'Wed Jul  1 00:01:33 2026\n\tUser-Name = "EUR"\n'
        f'\tPair = "{one["to_currency_code"]}"\n\tPair = "{one["rate_on"]}"\n'
        f"\tOctets = {one['rate']}\n\n"
    )


BOOK = """<workbook xmlns:r="r"><sheets><sheet name="First" sheetId="1" r:id="r1"/>
<sheet name="%s" sheetId="2" r:id="r2"/></sheets></workbook>"""
RELS = """<Relationships><Relationship Id="r1" Target="worksheets/one.xml"/>
<Relationship Id="r2" Target="worksheets/two.xml"/></Relationships>"""
STYLES = """<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="171" formatCode="0.00 &quot;days&quot;"/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>"""
SHARED = "<sst><si><t>EUR</t></si><si><r><t>clo</t></r><r><t>sing</t></r></si></sst>"


def cell(place: str, value: str) -> str:
    """A cell: `=` before a shared text, `d` a date, `'` an inline text, else a number."""
    sign, rest = value[:1], value[1:]
    if sign == "=":
        return f'<c r="{place}" t="s"><v>{rest}</v></c>'
    if sign == "'":
        return f'<c r="{place}" t="inlineStr"><is><t>{rest}</t></is></c>'
    style, number = (1, rest) if sign == "d" else (2, value)
    return f'<c r="{place}" s="{style}"><v>{number}</v></c>'


def workbook(rows: dict[int, list[str]], sheet: str = "Rates") -> bytes:
    made = "".join(
        f'<row r="{no}">'
        + "".join(cell(f"{chr(65 + at)}{no}", value) for at, value in enumerate(row) if value)
        + "</row>"
        for no, row in rows.items()
    )
    two = f"<worksheet><sheetData>{made}</sheetData></worksheet>"
    parts = {"workbook.xml": BOOK % sheet, "_rels/workbook.xml.rels": RELS, "styles.xml": STYLES}
    parts |= {"sharedStrings.xml": SHARED, "worksheets/two.xml": two}
    return archive({f"xl/{name}": text.encode() for name, text in parts.items()})


def header_cells() -> list[str]:
    return [f"'{name}" for name in NAMES]


def parquet(*texts: str) -> bytes:
    stream = io.BytesIO()
    schema = pa.schema([(name, pa.utf8()) for name in NAMES])
    pq.write_table(pa.Table.from_pylist(list(map(record, texts)), schema=schema), stream)
    return stream.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
