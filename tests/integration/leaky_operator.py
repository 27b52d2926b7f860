"""An operator drawn from a seed: plans of every kind, and a chain that loses, alters and bills.

Billing rates nothing: what it charges is drawn, for every difference has to be explained, right or
wrong. The network's usage is drawn as well, and what becomes of each record on its way to a bill.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from .vectors.feeds import Feeds, Row

MONTHS = ("2026-04", "2026-05", "2026-06", "2026-07")
WINDOW = {"period_from": "2026-05-01", "period_through": "2026-07-01"}
EVENTS_OF_A_MONTH = 6
CENT = Decimal("0.01")
# what becomes of a record on its way to billing
FATES = ("billed",) * 8 + ("lost", "lost", "created", "altered", "altered", "twice", "not_invoiced")
BY_MINUTE: Row = {
    "service_code": "voice", "charge_model": "per_unit", "price_amount": "0.06",
    "unit_quantity": 60, "first_increment_quantity": 60, "next_increment_quantity": 60,
}  # fmt: skip
TIERS = ((10, "0.40", "1.00"), (40, "0.25", "0"), ("", "0.10", "0"))


class Operator:
    """Feeds that grow plan by plan; every plan has an account of its own."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)  # noqa: S311 - the same operator in every run
        self.feeds = Feeds()
        self.lines: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.invoiced: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def draw(self, count: int) -> Feeds:
        """Several of every plan, their usage and their bills."""
        for number in range(count):
            for name, add in PLANS.items():
                add(self, f"{name}{number}")
        self._bill()
        return self.feeds

    def plan(
        self,
        name: str,
        price: Row,
        members: int = 1,
        account_type: str = "consumer",
        **allowance: object,
    ) -> None:
        """A plan with a usage price, and perhaps an allowance; each member uses it."""
        self.feeds.add(
            "product_offerings", product_offering_id=name, offering_name=name, product_type="plan"
        )
        common = {
            "product_offering_id": name, "currency_code": "EUR", "valid_from_on": "2000-01-01",
        }  # fmt: skip
        self.feeds.add(
            "approved_prices", **common | {"price_rule_id": name, "charge_type": "usage"} | price,
            charge_code="USAGE",
        )  # fmt: skip
        for charge_type, code, amount in (("recurring", "MRC", "10"), ("one_off", "SETUP", "20")):
            self.feeds.add(
                "approved_prices", **common, price_rule_id=f"{name}-{code}", charge_code=code,
                charge_type=charge_type, charge_model="flat", price_amount=amount,
            )  # fmt: skip
        if price["charge_model"] in ("graduated", "volume", "capacity"):
            for number, (upper, amount, flat) in enumerate(TIERS, start=1):
                self.feeds.add(
                    "price_tiers", price_rule_id=name, tier_no=number, upper_quantity=upper,
                    price_amount=amount, flat_amount=flat, currency_code="EUR",
                )  # fmt: skip
        if allowance:
            self.allow(name, name, **allowance)
        self.feeds.add(
            "accounts", account_id=f"A-{name}", account_type=account_type, currency_code="EUR"
        )
        for member in range(members):
            self._member(name, f"{name}-{member}", str(price["service_code"]), price)

    def allow(self, name: str, plan: str, **terms: object) -> None:
        """An allowance of a plan."""
        row: Row = {
            "allowance_id": name, "product_offering_id": plan, "service_code": "voice",
            "unit_code": "second",
        }  # fmt: skip
        self.feeds.add("allowances", **row | terms)

    def _member(self, plan: str, subscription: str, service: str, price: Row) -> None:
        since = self.source.choice(("2026-01-01", "2026-05-11"))
        row: Row = {
            "account_id": f"A-{plan}", "subscription_id": subscription,
            "service_id": f"N-{subscription}", "product_offering_id": plan, "status": "active",
            "valid_from_on": since,
        }  # fmt: skip
        self.feeds.add("crm_services", **row)
        self.feeds.add("subscriptions", **row)
        is_level = price.get("aggregation_type") == "level_day"
        level = 0
        for month in MONTHS:
            for number in range(EVENTS_OF_A_MONTH):
                at = f"{month}-{2 + 4 * number:02} {self.source.randint(0, 23):02}:00:00"
                size = self.source.randint(1, 240) if service == "voice" else 1
                if service == "data":
                    size = self.source.randint(-level if is_level else 1, 12)
                level += size
                if at[:10] >= since:
                    self._event(plan, f"{subscription}#{month}#{number}", service, at, size)
            if f"{month}-01" >= since:
                self._fixed(plan, subscription, month, "recurring", "MRC", "10")
            if month == since[:7]:
                self._fixed(plan, subscription, month, "one_off", "SETUP", "20")

    def _event(self, plan: str, name: str, service: str, at: str, size: int) -> None:
        fate = self.source.choice(FATES)
        subscription = name.split("#")[0]
        row: Row = {
            "service_id": f"N-{subscription}", "service_code": service, "started_at": at,
            "quantity": size, "unit_code": "second" if service == "voice" else "byte",
            "is_reversal": str(size < 0).lower(),
        }  # fmt: skip
        if fate != "created":
            self.feeds.add(
                "network_usage", network_record_id=name, call_type_code="originating", **row
            )
        if fate == "lost":
            return
        if fate == "altered":
            row["quantity"] = size + (-1 if size > 1 else 1)
        charge = Decimal(self.source.choice((0, 6, 12, 18, 60))) * CENT
        month = at[:7]
        if self.source.random() < 0.1:
            month = MONTHS[min(MONTHS.index(month) + 1, len(MONTHS) - 1)]
        line = "" if fate == "not_invoiced" else f"{subscription}|{month}"
        for copy in range(2 if fate == "twice" else 1):
            self.feeds.add(
                "rated_usage", rated_usage_id=f"R{copy}-{name}", network_record_id=name,
                account_id=f"A-{plan}", subscription_id=subscription, charge_amount=charge,
                currency_code="EUR", rated_at=at, invoice_line_id=line, **row,
            )  # fmt: skip
            if line:
                self.lines[f"A-{plan}", subscription, month] += charge

    def _line(self, account: str, month: str, name: str, amount: Decimal, **more: object) -> None:
        following = MONTHS[MONTHS.index(month) + 1] if month != MONTHS[-1] else "2026-08"
        self.feeds.add(
            "invoice_lines", invoice_line_id=name, invoice_id=f"I-{account}-{month}",
            account_id=account, line_amount=amount, currency_code="EUR",
            **{"service_start_on": f"{month}-01", "service_end_on": f"{following}-01"} | more,
        )  # fmt: skip
        self.invoiced[account, month] += amount

    def _fixed(
        self, plan: str, subscription: str, month: str, line_type: str, code: str, amount: str
    ) -> None:
        """A charge of the month: billed, forgotten, twice, at a wrong price, a month later."""
        fate = self.source.choice(("right", "right", "right", "missing", "twice", "wrong", "later"))
        if fate == "missing":
            return
        charged = Decimal(amount) + (Decimal("2.50") if fate == "wrong" else 0)
        if fate == "later" and line_type == "one_off" and month != MONTHS[-1]:
            month = MONTHS[MONTHS.index(month) + 1]
        for copy in range(2 if fate == "twice" else 1):
            self._line(
                f"A-{plan}", month, f"{subscription}|{month}|{code}|{copy}", charged,
                subscription_id=subscription, line_type=line_type, charge_code=code,
                product_offering_id=plan,
            )  # fmt: skip

    def _bill(self) -> None:
        """Usage lines, most the sum of their events, some beside them; invoices and runs."""
        for (account, subscription, month), charge in sorted(self.lines.items()):
            slip = self.source.choice((0, 0, 0, 0, 75, -20)) * CENT
            self._line(
                account, month, f"{subscription}|{month}", charge + slip,
                subscription_id=subscription, line_type="usage", charge_code="USAGE",
            )  # fmt: skip
            if self.source.random() < 0.2:
                self._line(
                    account, month, f"{subscription}|{month}|month", Decimal("3.20"),
                    subscription_id=subscription, line_type="usage", charge_code="USAGE",
                )  # fmt: skip
        for (account, month), net in sorted(self.invoiced.items()):
            following = MONTHS[MONTHS.index(month) + 1] if month != MONTHS[-1] else "2026-08"
            self.feeds.add(
                "invoices", invoice_id=f"I-{account}-{month}", account_id=account,
                invoiced_on=f"{following}-03", period_start_on=f"{month}-01",
                period_end_on=f"{following}-01", net_amount=net, tax_amount=0, total_amount=net,
                currency_code="EUR",
            )  # fmt: skip
        for month, following in zip(MONTHS, (*MONTHS[1:], "2026-08"), strict=True):
            self.feeds.add(
                "bill_runs", bill_run_id=month, period_start_on=f"{month}-01",
                period_end_on=f"{following}-01", cutoff_at=f"{following}-02 00:00:00",
                status="issued",
            )  # fmt: skip


def _by_data(**terms: object) -> Row:
    return {"service_code": "data", "price_amount": "0", "unit_quantity": 1} | terms


def _two_allowances(operator: Operator, name: str) -> None:
    operator.plan(name, BY_MINUTE, allowance_quantity=300, priority=2)
    operator.allow(f"{name}-first", name, allowance_quantity=180, priority=1)


PLANS: dict[str, Callable[[Operator, str], None]] = {
    "plain": lambda o, n: o.plan(n, BY_MINUTE, allowance_quantity=300),
    "graduated": lambda o, n: o.plan(n, _by_data(charge_model="graduated")),
    "volume": lambda o, n: o.plan(n, _by_data(charge_model="volume")),
    "capacity": lambda o, n: o.plan(n, _by_data(charge_model="capacity")),
    "least": lambda o, n: o.plan(n, BY_MINUTE | {"minimum_period_amount": "5"}),
    "level": lambda o, n: o.plan(
        n, _by_data(charge_model="graduated", aggregation_type="level_day")
    ),
    "pool": lambda o, n: o.plan(
        n, BY_MINUTE, members=3, allowance_quantity=150, sharing_type="account"
    ),
    "rolled": lambda o, n: o.plan(
        n, BY_MINUTE, allowance_quantity=600, is_rolled_over=True, rollover_month_count=2
    ),
    "money": lambda o, n: o.plan(
        n, BY_MINUTE, allowance_type="money", allowance_amount="0.50", currency_code="EUR",
        unit_code="", service_code="",
    ),
    "family_money": lambda o, n: o.plan(
        n, BY_MINUTE, members=2, allowance_type="money", allowance_amount="0.50",
        currency_code="EUR", unit_code="", service_code="", sharing_type="account",
    ),
    "staff": lambda o, n: o.plan(n, BY_MINUTE, account_type="staff"),
    "layers": _two_allowances,
}  # fmt: skip
