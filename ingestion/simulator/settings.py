"""What a simulation is asked for and what it tells afterwards: sizes, anomaly counts, summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Size:
    """How large the operator is; record_count covers three months."""

    subscriber_count: int
    record_count: int


SIZES: Mapping[str, Size] = {
    "xs": Size(600, 12_000),
    "s": Size(12_000, 300_000),
    "m": Size(80_000, 2_000_000),
    "l": Size(1_000_000, 50_000_000),
}

# Fewer than this many of a kind prove nothing at the small sizes.
_LEAST = 3
# Kinds that are as many for a small operator as for one of 100,000 subscribers.
_NOT_FEWER = frozenset({"ghost_records", "short_quantities", "long_quantities"})
_TINY = 1_000


@dataclass(frozen=True)
class AnomalyMix:
    """How many leaks of each kind are planted for 100,000 subscribers and three months.

    Zero plants none of a kind. The switches plant the leaks that come once for an operator.
    """

    dropped_feeds: bool = True
    unknown_codes: bool = True
    decimal_commas: bool = True
    null_keys: bool = True
    control_gaps: bool = True
    partners: bool = True
    lost_files: bool = True
    lost_hours: bool = True
    recycled_numbers: int = 50
    ghost_records: int = 12
    short_quantities: int = 10
    long_quantities: int = 3
    unbilled_accounts: int = 80
    billed_twice: int = 60
    exact_duplicates: int = 200
    near_duplicates: int = 60
    misrated: int = 1_000
    zeroed: int = 350
    zeroed_as_allowance: int = 50
    stale_plans: int = 180
    early_plans: int = 60
    wrong_increments: int = 100
    decimal_units: int = 50
    missing_minimums: int = 40
    double_roundings: int = 20
    satellite_calls: int = 20
    double_grants: int = 50
    skipped_resets: int = 30
    reordered_events: int = 30
    overrun_allowances: int = 30
    banded_lines: int = 60
    late_prefix: bool = True
    price_faults: bool = True
    unbilled_lines: int = 80
    unbilled_features: int = 120
    ceased_lines: int = 50
    stripped_features: int = 70
    skipped_charges: int = 150
    doubled_charges: int = 40
    mispriced_charges: int = 60
    charge_gaps: int = 20
    charge_overlaps: int = 20
    broken_totals: int = 10
    broken_taxes: int = 5
    broken_balances: int = 10
    broken_lines: int = 5
    old_tax_rates: int = 30
    expired_exemptions: int = 12
    misplaced_taxes: int = 12
    stacked_discounts: int = 80
    exceeded_ceilings: int = 30
    expired_discounts: int = 300
    raised_discounts: int = 40
    unapproved_discounts: int = 25
    unknown_discounts: int = 25
    endless_promotions: int = 400
    misgiven_promotions: int = 25
    copied_lines: int = 50
    wrong_prorations: int = 40
    whole_months: int = 20
    missed_true_ups: int = 6
    skipped_accounts: int = 35
    held_bills: int = 20
    suppressed_bills: int = 10
    copied_invoices: int = 5
    missing_fees: int = 120
    doubled_fees: int = 20
    raised_fees: int = 20
    waived_fees: int = 30

    @classmethod
    def none(cls) -> AnomalyMix:
        """Return the mix of an operator without a fault."""
        nothing: dict[str, Any] = {
            item.name: False if item.type == "bool" else 0 for item in fields(cls)
        }
        return cls(**nothing)

    def count(self, name: str, subscriber_count: int) -> int:
        """Return how many of a kind are planted at a size."""
        wanted = int(getattr(self, name))
        if not wanted:
            return 0
        scaled = max(_LEAST, (wanted * subscriber_count + 50_000) // 100_000)
        if name in _NOT_FEWER and subscriber_count > _TINY:
            return max(wanted, scaled)
        return scaled


@dataclass(frozen=True)
class SimulationSummary:
    """What was simulated. The counts are of records, so that nothing can be lost unseen."""

    subscriber_count: int
    usage_count: int
    file_count: int
    rated_count: int
    reject_count: int
    suspense_count: int
    lost_count: int
    planted: Mapping[str, int] = field(default_factory=dict)
