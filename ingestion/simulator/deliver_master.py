"""The catalogue, customer and service feeds as CSV, in the operator's ways of writing numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from ingestion.simulator.calendar import HOLIDAY_PERCENT, OPEN_END
from ingestion.simulator.catalogue import (
    ALLOWANCES,
    CURRENCY,
    DATA,
    OFF,
    OFFERS,
    PEAK,
    PEAK_FROM,
    PEAK_TO,
    PLAN_XL,
    SEC,
    SERVICES,
    TAXES,
    UNITS,
    ZONES,
    PriceRule,
)
from ingestion.simulator.commitments import AGREEMENTS, COLUMNS
from ingestion.simulator.destinations import prefixes
from ingestion.simulator.discounts import PROMOTION, REGISTER, REGISTER_COLUMNS
from ingestion.simulator.files import Delivery, csv_head, csv_line
from ingestion.simulator.roles import Role
from ingestion.simulator.traffic import World
from ingestion.simulator.warehouse import Database

HOLIDAY_NO = 8
Row = Mapping[str, object]

_CUSTOMER = {
    "customer_id": "'C' || (10000000 + acct)",
    "customer_name": "'Customer ' || (10000000 + acct)",
    "segment_code": "CASE kind WHEN 1 THEN 'SOHO' ELSE 'RESIDENTIAL' END",
    "country_code": "CASE abroad WHEN 1 THEN 'AT' ELSE 'DE' END",
    "created_on": "{begin} - (400 + acct % 1500)::INTEGER",
}
_ACCOUNT = {
    "account_id": "'A' || (10000000 + acct)",
    "customer_id": "'C' || (10000000 + acct)",
    "account_type": "['consumer', 'business', 'staff', 'test'][kind + 1]",
    "currency_code": "'EUR'",
    "bill_cycle_code": "'MONTHLY'",
    "tax_jurisdiction_code": "CASE abroad WHEN 1 THEN 'AT' ELSE 'DE' END",
    "is_tax_exempt": "(exempt = 1)",
    "tax_exempt_until_on": "CASE WHEN exempt_to < {open_end} THEN {begin} + exempt_to::INTEGER END",
    "legal_entity_code": "'NORD'",
    "billing_name": "'Customer ' || (10000000 + acct)",
    "street_address": "['Lange Reihe', 'Am Markt'][acct % 2 + 1] || ' ' || (acct % 90 + 1)",
    "city_name": "CASE abroad WHEN 1 THEN 'Wien' ELSE 'Hamburg' END",
    "postal_code": "CASE abroad WHEN 1 THEN '1010' ELSE '20099' END",
    "country_code": "CASE abroad WHEN 1 THEN 'AT' ELSE 'DE' END",
    "tax_id": "CASE abroad WHEN 1 THEN 'ATU' || (10000000 + acct) END",
    "language_code": "CASE acct % 4 WHEN 0 THEN 'en' ELSE 'de' END",
    "opened_on": "{begin} - (400 + acct % 1500)::INTEGER",
}
_ISSUER = {
    "legal_entity_code": "NORD",
    "legal_name": "Nordlicht Mobile GmbH",
    "street_address": "Speicherstadt 12",
    "city_name": "Hamburg",
    "postal_code": "20457",
    "country_code": "DE",
    "tax_id": "DE123456788",
    "registration_id": "HRB 104711",
    "iban": "DE02120300000000202051",
    "bic": "BYLADEM1001",
    "payment_term_days": 14,
}
_SERVICE = {
    "subscription_id": "CASE h.offer WHEN 8 THEN 'T' ELSE 'S' END || (10000000 + h.sub)",
    "account_id": "'A' || (10000000 + h.acct)",
    "service_id": "{number}",
    "product_offering_id": "o.offer_id",
    "charge_mode": "'postpaid'",
    "status": "h.status",
    "is_multi_sim": "(l.twin = 1)",
    "unit_count": f"CASE WHEN l.role = {int(Role.TWO_PACKS)} AND h.offer = {SEC} THEN 2 END",
    "valid_from_on": "{begin} + h.d0::INTEGER",
    "valid_to_on": "CASE WHEN h.d1 < {open_end} THEN {begin} + h.d1::INTEGER END",
}
_PROFILE = {
    "service_id": "'00' || l.number",
    "imsi": "262990000000000 + l.sub",
    "feature_code": "o.feature",
    "status": "h.status",
    "valid_from_on": "{begin} + h.d0::INTEGER",
    "valid_to_on": "CASE WHEN h.d1 < {open_end} THEN {begin} + h.d1::INTEGER END",
}
_HISTORY = """
SELECT {line} FROM {view} AS h JOIN line AS l USING (sub) JOIN offer AS o USING (offer)
ORDER BY h.sub, h.offer, h.d0
"""


@dataclass(frozen=True)
class MasterDelivery:
    """Writes what stays the same over the simulated months."""

    database: Database
    world: World
    delivery: Delivery
    rules: list[PriceRule]
    configured: list[PriceRule]

    def write(self) -> None:
        """Write catalogue, customers and services."""
        self._catalogue()
        self._customers()
        self._discounts()
        self._calendar()

    @property
    def _second(self) -> int:
        calendar = self.world.calendar
        return calendar.cutoff_second(calendar.months) + 2 * 86_400

    def _rows(self, path: str, rows: list[Row]) -> None:
        names = list(rows[0])
        lines = [",".join(_text(row[name]) for name in names) + "\n" for row in rows]
        self.delivery.text(path, csv_head(names) + "".join(lines), self._second)

    def _query(self, path: str, fields: Mapping[str, str], text: str, **names: object) -> None:
        begin = f"DATE '{self.world.calendar.first_month}'"
        columns = [
            expression.format(**{"begin": begin, "open_end": OPEN_END} | names)
            for expression in fields.values()
        ]
        self.delivery.query(
            self.database,
            path,
            self._second,
            text,
            csv_head(list(fields)),
            line=csv_line(columns),
            **names,
        )

    def _catalogue(self) -> None:
        date_of = self.world.calendar.date_of
        self._rows(
            "catalogue/product_offerings.csv",
            [
                {
                    "product_offering_id": o.offer_id,
                    "offering_name": o.name,
                    "product_type": o.product_type,
                    "network_feature_code": o.feature,
                    "valid_from_on": "2020-01-01",
                    "valid_to_on": None if o.to_day is None else date_of(o.to_day),
                }
                for o in OFFERS
            ],
        )
        self._rows("catalogue/price_rules.csv", [self._rule(rule) for rule in self.configured])
        self._rows(
            "catalogue/approved_prices.csv",
            [
                {**self._rule(rule), "approved_by": "Head of Pricing", "approved_on": "2019-12-01"}
                for rule in self.rules
            ],
        )
        self._terms()
        self._bands()

    def _terms(self) -> None:
        first = self.world.calendar.month_first
        self._rows("catalogue/legal_entities.csv", [_ISSUER])
        self._rows(
            "catalogue/allowances.csv",
            [
                {
                    "allowance_id": f"AL-{OFFERS[plan].offer_id}-{SERVICES[service]}",
                    "product_offering_id": OFFERS[plan].offer_id,
                    "service_code": SERVICES[service],
                    "zone_code": "" if service == DATA else "NAT",
                    "allowance_quantity": quantity,
                    "unit_code": UNITS[service],
                    "priority": 1,
                    "valid_from_on": "2020-01-01",
                    "valid_to_on": None,
                }
                for (plan, service), quantity in ALLOWANCES.items()
            ],
        )
        self._rows(
            "catalogue/destination_zones.csv",
            [
                {"prefix": prefix, "zone_code": ZONES[zone], "zone_name": f"{ZONES[zone]} {prefix}"}
                for prefix, zone in sorted(prefixes().items())
            ],
        )
        self._rows(
            "catalogue/tax_rates.csv",
            [
                {
                    "tax_rate_id": tax.rate_id,
                    "tax_name": tax.name,
                    "tax_group_code": tax.group,
                    "jurisdiction_code": tax.place,
                    "rate_ratio": _ratio(tax.ppm),
                    "tax_category_code": tax.category,
                    "exemption_reason": tax.reason,
                    "tax_basis": "after_discount",
                    "is_inclusive": "false",
                    "valid_from_on": first(tax.from_month) if tax.from_month else "2020-01-01",
                    "valid_to_on": first(tax.to_month) if tax.to_month else None,
                }
                for tax in TAXES
            ],
        )

    def _bands(self) -> None:
        hours = [(PEAK, weekday, PEAK_FROM, PEAK_TO, 1) for weekday in range(1, 6)]
        hours += [
            (OFF, weekday, 0, 86_400, 2 if weekday == HOLIDAY_NO else 0) for weekday in range(1, 9)
        ]
        self._rows(
            "catalogue/time_bands.csv",
            [
                {
                    "time_band_code": band,
                    "weekday_no": weekday,
                    "starts_at_second": start,
                    "ends_at_second": end,
                    "weight": weight,
                }
                for band, weekday, start, end, weight in hours
            ],
        )

    def _rule(self, rule: PriceRule) -> Row:
        recurring = rule.charge_type == "recurring"
        offer = OFFERS[rule.offer]
        first = self.world.calendar.date_of
        return {
            "price_rule_id": rule.rule_id,
            "product_offering_id": offer.offer_id,
            "charge_code": rule.charge_code,
            "charge_type": rule.charge_type,
            "service_code": None if rule.service is None else SERVICES[rule.service],
            "zone_code": ZONES[rule.zone],
            "time_band_code": rule.band or None,
            "band_rule": rule.band_rule or None,
            "charge_model": "flat" if recurring else "per_unit",
            "price_amount": _money(rule.micros),
            "unit_quantity": rule.unit,
            "first_increment_quantity": rule.first,
            "next_increment_quantity": rule.following,
            "connect_amount": _money(rule.connect),
            "minimum_amount": _money(rule.minimum),
            "maximum_amount": _money(rule.maximum),
            "rounding_decimals": rule.decimals,
            "increment_point": rule.point,
            "proration_type": ("none" if offer.is_whole else "day") if recurring else None,
            "charge_timing": _timing(offer.advance) if recurring else None,
            "tax_group_code": offer.tax_group if recurring else "STD",
            "is_tax_inclusive": "false",
            "currency_code": CURRENCY,
            "valid_from_on": "2020-01-01" if rule.from_day is None else first(rule.from_day),
            "valid_to_on": None if rule.to_day is None else first(rule.to_day),
        }

    def _customers(self) -> None:
        for name, fields in (("customers", _CUSTOMER), ("accounts", _ACCOUNT)):
            self._query(f"crm/{name}.csv.gz", fields, "SELECT {line} FROM account ORDER BY acct")
        self._query("crm/agreements_b2b.csv", COLUMNS, AGREEMENTS)
        sold = {name: text for name, text in _SERVICE.items() if name != "charge_mode"}
        # CRM writes national numbers, the network international ones, billing plain digits
        self._query(
            "crm/crm_services.csv.gz",
            sold,
            _HISTORY,
            view="crm_history",
            number="'0' || substr(l.number::VARCHAR, 3)",
        )
        self._query(
            "billing/subscriptions.csv.gz",
            _SERVICE,
            _HISTORY,
            view="billing_history",
            number="l.number",
        )
        self._query("network/network_profiles.csv.gz", _PROFILE, _HISTORY, view="network_history")

    def _discounts(self) -> None:
        self._query(
            "catalogue/discounts.csv",
            {name: name for name in REGISTER_COLUMNS},
            REGISTER,
            first_day=self.world.calendar.first_month,
            open_end=OPEN_END,
            promotion=PROMOTION,
            retired=OFFERS[PLAN_XL].offer_id,
        )

    def _calendar(self) -> None:
        calendar = self.world.calendar
        names = calendar.holiday_names
        self._rows(
            "billing/period_calendar.csv",
            [
                {
                    "calendar_on": on,
                    "is_working_day": _flag(on.weekday() < 5 and day not in names),
                    "is_holiday": _flag(day in names),
                    "expected_volume_ratio": _ratio(HOLIDAY_PERCENT * 10_000)
                    if day in names
                    else None,
                    "note": names.get(day),
                }
                for day in range(calendar.day_count)
                for on in [calendar.date_of(day)]
            ],
        )


def load_population(database: Database, world: World) -> None:
    """Put accounts and lines where SQL finds them."""
    database.load("account", world.accounts.table())
    lines: pa.Table = world.lines.table()
    database.load("line", lines)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _ratio(ppm: int) -> str:
    return f"{ppm // 1_000_000}.{ppm % 1_000_000:06d}"


def _money(micros: int | None) -> str | None:
    return None if micros is None else _ratio(micros)


def _timing(advance: bool) -> str:
    return "advance" if advance else "arrears"
