"""The rows that a case becomes, and the project that reads them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Inputs = dict[str, Any]
Row = dict[str, object]
Case = dict[str, Any]

MONTH = "2026-05"
AMOUNT_DECIMALS = 6


class UnsupportedError(Exception):
    """What a case asks for that the catalogue cannot say yet."""


@dataclass
class Feeds:
    """Rows by feed."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, feed: str, **row: object) -> None:
        """Keep a row.

        Raises: UnsupportedError where an amount has more decimals than a contract holds.
        """
        for name, value in row.items():
            if name.endswith("_amount") and value not in (None, ""):
                exponent = Decimal(str(value)).normalize().as_tuple().exponent
                if isinstance(exponent, int) and exponent < -AMOUNT_DECIMALS:
                    raise UnsupportedError(f"{name} of more than {AMOUNT_DECIMALS} decimals")
        self.rows.setdefault(feed, []).append(row)

    def take(self, other: Feeds) -> None:
        """Keep the rows of another one, too."""
        for feed, rows in other.rows.items():
            self.rows.setdefault(feed, []).extend(rows)

    def write(self, project: Path, time_zone: str = "UTC") -> None:
        """Write a CSV file a feed and the tieout.toml that reads them."""
        landing = project / "landing"
        landing.mkdir(parents=True)
        lines = [
            "[operator]",
            'name = "Vectors"',
            f'time_zone = "{time_zone}"',
            'currency_code = "EUR"',
            'home_country_code = "49"',
        ]
        for feed, rows in self.rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            with (landing / f"{feed}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            lines += [f"[feeds.{feed}]", f'path = "{feed}.csv"', 'format = "csv"']
        (project / "tieout.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_cases(folder: Path) -> Iterator[Case]:
    """Every case of every file, in order."""
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        yield from content if isinstance(content, list) else content["cases"]


def add_offer(
    name: str,
    service: str | None,
    feeds: Feeds,
    price: Row,
    since: str = f"{MONTH}-01",
    until: str = "",
) -> None:
    """An offer with one price, and an account and a subscription of its own that have it."""
    feeds.add(
        "product_offerings", product_offering_id=name, offering_name=name, product_type="plan"
    )
    common = {"account_id": f"A-{name}", "subscription_id": name, "service_id": f"N-{name}"}
    feeds.add("accounts", account_id=f"A-{name}", account_type="consumer", currency_code="EUR")
    period = {"status": "active", "valid_from_on": since, "valid_to_on": until}
    for feed in ("crm_services", "subscriptions"):
        feeds.add(feed, **common, product_offering_id=name, **period)
    usage = {"charge_type": "usage", "charge_code": "USAGE", "service_code": service}
    row = usage | {"price_rule_id": name, "product_offering_id": name} | price
    feeds.add("approved_prices", **row, currency_code="EUR", valid_from_on="2000-01-01")
