"""Exports of an operator whose columns, units, zone and currency are not ours, made for a test.

Two things are wrong in its bills: a line that says 100.00 less than its calls, and a call that
stands on two lines.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

CALLS = (
    "Id Llamada;Línea Origen;Número Destino;Fecha;Hora Inicio;Minutos;Tipo;Valor;Cuenta;"
    "Renglón Factura"
)
LINES = "Renglón;Factura;Cuenta;Línea;Concepto;Desde;Hasta;Valor;Moneda"
SHORT_LINE, SHORT_BY = "R-03", Decimal("100.00")
DOUBLED_CALL, SECOND_LINE = "LL00001", "R-01-B"
_COUNT, _LINE_COUNT = 400, 8
_MINUTES = (Decimal("0.5"), Decimal("1.25"), Decimal("3"), Decimal("12.75"))
_PRICE = Decimal("85.50")


def write_exports(folder: Path) -> None:
    """Write llamadas_202607.csv and facturas_202607.csv."""
    calls = [_call(no) for no in range(_COUNT)]
    calls.append({**calls[1], "line": SECOND_LINE})
    totals: dict[str, Decimal] = {}
    for call in calls:
        totals[call["line"]] = totals.get(call["line"], Decimal(0)) + _amount(call["minutes"])
    totals[SHORT_LINE] -= SHORT_BY
    rows = [";".join(_said(call)) for call in calls]
    _write(folder / "llamadas_202607.csv", CALLS, rows)
    bills = [
        f"{line};F-{line[2:4]};C{line[2:4]};{_number(int(line[2:4]))};CONSUMO;01/07/2026;01/08/2026;"
        f"{_text(total)};COP"
        for line, total in sorted(totals.items())
    ]
    _write(folder / "facturas_202607.csv", LINES, bills)


def _call(no: int) -> dict[str, str]:
    line = no % _LINE_COUNT
    # at 23:xx in Bogota it is August in UTC already on the last day
    return {
        "id": f"LL{no:05d}",
        "number": _number(line),
        "date": f"{no % 31 + 1:02d}/07/2026",
        "time": f"{no % 24:02d}:{no % 60:02d}:00",
        "minutes": str(_MINUTES[no % len(_MINUTES)]),
        "account": f"C{line:02d}",
        "line": f"R-{line:02d}",
    }


def _said(call: dict[str, str]) -> list[str]:
    minutes = call["minutes"].replace(".", ",")
    values = [call["id"], call["number"], "6015554433", call["date"], call["time"], minutes, "VOZ"]
    return [*values, _text(_amount(call["minutes"])), call["account"], call["line"]]


def _number(line: int) -> str:
    return f"30012345{line:02d}"


def _amount(minutes: str) -> Decimal:
    return (Decimal(minutes) * _PRICE).quantize(Decimal("0.01"))


def _text(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
