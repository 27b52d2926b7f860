"""Makes a whole simulated operator: population, months of usage, bill runs, files and answers."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ingestion.simulator import plants, price_faults
from ingestion.simulator.answers import AnswerKey
from ingestion.simulator.billing import Billing, load_months
from ingestion.simulator.billing_answers import answer_run, value_unbilled_usage
from ingestion.simulator.calendar import OPEN_END, Calendar
from ingestion.simulator.carriers import Carriers
from ingestion.simulator.commitments import answer_commitments
from ingestion.simulator.copies import answer_copies, build_copies
from ingestion.simulator.deliver_billing import BillingDelivery
from ingestion.simulator.deliver_master import MasterDelivery, load_population
from ingestion.simulator.deliver_usage import UsageDelivery
from ingestion.simulator.destinations import heads
from ingestion.simulator.discounts import answer_discounts, build_grants
from ingestion.simulator.fees import answer_fees, build_fees
from ingestion.simulator.files import Delivery
from ingestion.simulator.fixed_answers import answer_once
from ingestion.simulator.histories import build_histories, load_offers
from ingestion.simulator.orders import write_orders
from ingestion.simulator.part_answers import answer_parts
from ingestion.simulator.population import Builder
from ingestion.simulator.project import project_text
from ingestion.simulator.rating import load_prices
from ingestion.simulator.settings import SIZES, AnomalyMix, SimulationSummary
from ingestion.simulator.sites import choose_sites
from ingestion.simulator.tax_answers import answer_taxes
from ingestion.simulator.tickets import ticket_text
from ingestion.simulator.traffic import World, daily_counts
from ingestion.simulator.usage import Counts, UsageMonth, load_files
from ingestion.simulator.values import value_month
from ingestion.simulator.warehouse import Database
from ingestion.simulator.withheld import answer_withheld, build_withheld

FIRST_MONTH = date(2026, 5, 1)


def simulate(
    project_dir: Path,
    size: str = "s",
    seed: int = 1,
    months: int = 3,
    first_month: date = FIRST_MONTH,
    anomalies: AnomalyMix | None = None,
) -> SimulationSummary:
    """Write a fake operator's landing folder, order database, tieout.toml and answer key.

    The same arguments give the same bytes and file times. What was there before is replaced.

    Args:
        project_dir: the project folder to fill.
        size: xs, s, m or l.
        seed: another number gives another operator.
        months: simulated months; two at least, because profiles begin with the second.
        first_month: any day of the first month.
        anomalies: what is planted; the default mix when None.

    Raises:
        ValueError: the size is not known, or the months are too few or too many.
    """
    if size not in SIZES:
        raise ValueError(f"size {size!r} is not known; use one of {', '.join(SIZES)}")
    if not 2 <= months <= 12:
        raise ValueError(f"{months} months cannot be simulated; use 2 to 12")
    calendar = Calendar(first_month, months)
    mix = anomalies or AnomalyMix()
    accounts, lines = Builder(SIZES[size], seed, calendar, mix).build()
    world = World(
        seed, SIZES[size], calendar, accounts, lines, heads(seed), choose_sites(calendar, mix, seed)
    )
    for name in ("landing", "source", "answer_key"):
        shutil.rmtree(project_dir / name, ignore_errors=True)
    project_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project_dir, prefix=".simulator-") as spill:
        database = Database(Path(spill))
        try:
            return _Simulation(project_dir, world, mix, database).run()
        finally:
            database.close()


@dataclass
class _Simulation:
    """One simulation while it runs."""

    project_dir: Path
    world: World
    mix: AnomalyMix
    database: Database
    counts: list[Counts] = field(default_factory=list)

    def run(self) -> SimulationSummary:
        calendar, database = self.world.calendar, self.database
        delivery = Delivery(self.project_dir / "landing")
        key = AnswerKey(database, calendar)
        load_population(database, self.world)
        load_offers(database)
        rules = load_prices(database, calendar)
        own = price_faults.configure(rules, calendar, self.mix.price_faults)
        price_faults.load_faults(database, rules, own.faults)
        build_histories(database, calendar)
        daily = daily_counts(self.world)
        load_files(database, self.world, daily)
        load_months(database, calendar)
        build_grants(database, OPEN_END)
        build_copies(database)
        build_withheld(database)
        build_fees(database, self.mix, self.world.size.subscriber_count)
        MasterDelivery(database, self.world, delivery, rules, own.rules).write()
        self._months(daily, delivery, key)
        answer_once(key, self.world, self.mix)
        if self.mix.partners:
            carriers = Carriers.build(database, self.world)
            carriers.write(delivery)
            carriers.answer(key)
        self._rest(delivery, key)
        delivery.close()
        return self._summary(delivery, key)

    def _months(self, daily: list[int], delivery: Delivery, key: AnswerKey) -> None:
        calendar, database = self.world.calendar, self.database
        billing = Billing(database, calendar, delivery)
        bills = BillingDelivery(billing)
        agenda = plants.Agenda(self.mix, self.world.size.subscriber_count, calendar.months)
        billing.prepare()
        billing.run(0)
        bills.write_run(0)
        billing.carry(0)
        for month in range(1, calendar.months + 1):
            bills.write_payments(month - 1)
            usage = UsageMonth(database, self.world, month)
            usage.build(daily, agenda.wants(month))
            agenda.done(database)
            UsageDelivery(usage, delivery).write()
            value_month(usage, key)
            value_unbilled_usage(usage)
            self.counts.append(usage.counts())
            billing.add_usage()
            billing.run(month)
            bills.write_run(month)
            if self.mix.price_faults:
                price_faults.answer_configuration(key, calendar, month)
            answer_run(key, month, f"I{calendar.month_first(month):%y%m}")
            answer_discounts(key, month)
            answer_copies(key, month, f"I{calendar.month_first(month):%y%m}")
            answer_parts(key, month)
            answer_fees(key, month)
            answer_commitments(key, month)
            answer_withheld(key, month)
            answer_taxes(key, month, f"I{calendar.month_first(month):%y%m}")
            billing.carry(month)
        bills.write_run_list()
        bills.write_credit_notes()

    def _rest(self, delivery: Delivery, key: AnswerKey) -> None:
        calendar = self.world.calendar
        second = calendar.cutoff_second(calendar.months) + 2 * 86_400
        delivery.text("crm/tickets.csv", ticket_text(self.world), second)
        write_orders(self.database, self.world, self.project_dir / "source" / "crm.db")
        mapping = self.project_dir / "tieout.toml"
        mapping.write_text(project_text(calendar, self.mix), encoding="utf-8")
        os.utime(mapping, (second, second))
        key.write(self.project_dir / "answer_key", second)

    def _summary(self, delivery: Delivery, key: AnswerKey) -> SimulationSummary:
        return SimulationSummary(
            subscriber_count=self.world.size.subscriber_count,
            usage_count=sum(c.network for c in self.counts),
            file_count=delivery.file_count,
            rated_count=sum(c.rated for c in self.counts),
            reject_count=sum(c.rejected for c in self.counts),
            suspense_count=sum(c.suspended for c in self.counts),
            lost_count=sum(c.lost for c in self.counts),
            planted=key.planted(),
        )
