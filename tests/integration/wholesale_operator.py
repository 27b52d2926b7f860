"""An operator with a partner for each case of settlement, small enough to be reckoned by hand.

Local time is Europe/Berlin (UTC + 2 in summer), money is EUR, records are in UTC, quantities
in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from dagster_project.lib.snapshot import Snapshot, open_snapshot

from .conftest import run_tieout

COLUMNS = {
    "partners": "partner_id,partner_name,partner_type,currency_code",
    "partner_agreements": (
        "agreement_id,version_no,partner_id,direction_code,currency_code,settlement_currency_code,"
        "fx_rate_type,tax_ratio,tolerance_ratio,tier_scheme,counter_start_on,counter_months,"
        "commitment_amount,is_send_or_pay,rounding_scope,rounding_digits,valid_from_on,valid_to_on,"
        "dispute_days,netting_group"
    ),
    "partner_rates": (
        "partner_rate_id,agreement_id,version_no,service_code,band_code,from_quantity,price_amount,"
        "unit_quantity,first_increment_quantity,next_increment_quantity,setup_amount,currency_code,"
        "valid_from_on,valid_to_on"
    ),
    "partner_routes": "trunk_group_id,partner_id,direction_code,is_test,valid_from_on,valid_to_on",
    "partner_destinations": "partner_id,prefix,band_code,valid_from_on,valid_to_on",
    "partner_statements": (
        "statement_id,line_no,partner_id,direction_code,service_code,band_code,statement_on,hour_no,"
        "event_count,quantity,unit_price_amount,unit_quantity,statement_amount,tax_amount,fx_rate,"
        "currency_code"
    ),
    "partner_statement_totals": (
        "statement_id,partner_id,direction_code,statement_month,issued_on,received_on,"
        "total_quantity,total_amount,currency_code"
    ),
    "interconnect_usage": (
        "interconnect_record_id,trunk_group_id,partner_id,direction_code,service_code,"
        "calling_number,called_number,routing_number,started_at,quantity,unit_code"
    ),
    "fx_rates": "from_currency_code,to_currency_code,rate_on,rate_type,rate",
}

Row = Mapping[str, object]


class Wholesale:
    """Rows of the feeds of partners, written as files and settled."""

    def __init__(self) -> None:
        """Begin without any partner."""
        self.rows: dict[str, list[Row]] = {feed: [] for feed in COLUMNS}

    def add(self, feed: str, **values: object) -> None:
        """One more row; columns that are not named are empty."""
        self.rows[feed].append(values)

    def partner(self, name: str, **agreement: object) -> None:
        """A carrier with a trunk group of its own and one agreement, outgoing unless it says so."""
        self.add(
            "partners",
            partner_id=name,
            partner_name=name,
            partner_type="carrier",
            currency_code=agreement.get("currency_code", "EUR"),
        )
        self.add(
            "partner_routes",
            trunk_group_id=f"T-{name}",
            partner_id=name,
            valid_from_on="2026-01-01",
        )
        self.agreement(name, **agreement)

    def agreement(self, name: str, **values: object) -> None:
        """A version of the partner's agreement."""
        self.add(
            "partner_agreements",
            **{
                "agreement_id": f"A-{name}",
                "version_no": 1,
                "partner_id": name,
                "direction_code": "outgoing",
                "currency_code": "EUR",
                "valid_from_on": "2026-01-01",
                **values,
            },
        )

    def rate(self, name: str, price: str, since: int = 0, **values: object) -> None:
        """A price a minute from a quantity of seconds on."""
        number = len(self.rows["partner_rates"]) + 1
        self.add(
            "partner_rates",
            **{
                "partner_rate_id": f"R-{name}-{number}",
                "agreement_id": f"A-{name}",
                "version_no": 1,
                "service_code": "voice",
                "from_quantity": since,
                "price_amount": price,
                "unit_quantity": 60,
                "currency_code": "EUR",
                "valid_from_on": "2026-01-01",
                **values,
            },
        )

    def calls(self, name: str, *calls: tuple[str, int], **values: object) -> None:
        """Answered calls on the partner's trunk group: start in UTC, seconds."""
        for started_at, seconds in calls:
            number = len(self.rows["interconnect_usage"]) + 1
            self.add(
                "interconnect_usage",
                **{
                    "interconnect_record_id": f"X-{number}",
                    "trunk_group_id": f"T-{name}",
                    "direction_code": "outgoing",
                    "service_code": "voice",
                    "called_number": "33140000001",
                    "started_at": f"{started_at}Z",
                    "quantity": seconds,
                    "unit_code": "second",
                    **values,
                },
            )

    def declares(self, name: str, *lines: tuple[str, int, str], **values: object) -> None:
        """Lines of the partner's statement of the month of each: day, seconds, amount."""
        for number, (day, seconds, amount) in enumerate(lines, 1):
            self.add(
                "partner_statements",
                **{
                    "statement_id": f"ST-{name}-{day[:7]}",
                    "line_no": number,
                    "partner_id": name,
                    "direction_code": "outgoing",
                    "service_code": "voice",
                    "statement_on": day,
                    "quantity": seconds,
                    "statement_amount": amount,
                    "currency_code": "EUR",
                    **values,
                },
            )

    def settle(self, folder: Path, *words: str) -> Snapshot:
        """Land all and reconcile June and July 2026; words go to `tieout run`."""
        (folder / "landing").mkdir()
        feeds = ""
        for feed, rows in self.rows.items():
            (folder / "landing" / f"{feed}.csv").write_text(_csv(COLUMNS[feed], rows))
            feeds += f'[feeds.{feed}]\npath = "{feed}.csv"\n'
        (folder / "tieout.toml").write_text(
            '[operator]\nname = "W"\ntime_zone = "Europe/Berlin"\ncurrency_code = "EUR"\n'
            f'home_country_code = "49"\n{feeds}'
        )
        done = run_tieout(
            "run", "--from", "2026-06", "--period", "2026-07", *words, "--json", cwd=folder
        )
        assert done.code == 0, done.err
        return open_snapshot(folder / ".tieout")


def _csv(header: str, rows: Iterable[Row]) -> str:
    names = header.split(",")
    strange = {name for row in rows for name in row} - set(names)
    assert not strange, f"no such columns: {strange}"
    lines = [",".join(str(row.get(name, "")) for name in names) for row in rows]
    return "\n".join([header, *lines]) + "\n"
