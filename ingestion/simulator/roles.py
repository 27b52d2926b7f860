"""Which subscriptions a leak or a decoy is kept for, so that no two ever touch the same counter."""

from __future__ import annotations

from enum import IntEnum

from ingestion.simulator.settings import AnomalyMix


class Role(IntEnum):
    """What a subscription is kept for; PLAIN ones are an operator's ordinary business."""

    PLAIN = 0
    UNBILLED = 1
    TWICE = 2
    EXACT = 3
    NEAR = 4
    GHOST = 5
    SHORT = 6
    LONG = 7
    PLAN_STALE = 8
    INCREMENT = 9
    BYTES = 10
    WRONG_PLAN = 11
    WRONG_ZONE = 12
    ALLOWANCE = 13
    ROUNDING = 14
    UNDER_RATED = 15
    OVER_RATED = 16
    ZEROED = 17
    ZEROED_ALLOWANCE = 18
    DOUBLE_GRANT = 19
    NO_RESET = 20
    TRAFFIC_DECOY = 21
    REORDERED = 22
    FLEX = 23
    WHOLE_EVENT = 24
    PLAN_FUTURE = 25
    NO_MINIMUM = 26
    ROUNDED_TWICE = 27
    SATELLITE = 28
    RC_MISSING = 31
    RC_DUP = 32
    RC_PRICE = 33
    RC_GAP = 34
    RC_OVERLAP = 35
    NETWORK_LINE = 41
    NETWORK_FEATURE = 42
    CEASED_LINE = 43
    STRIPPED_FEATURE = 44
    EARLY = 45
    NUMBER_OLD = 51
    NUMBER_NEW = 52
    RESTED_OLD = 53
    RESTED_NEW = 54
    FOOT = 61
    TAX = 62
    BALANCE = 63
    LINE_MATH = 64
    TAX_OLD = 71
    EXEMPT_OLD = 72
    TAX_PLACE = 73
    STACK_HIGH = 80
    STACKED = 81
    STACK_APPROVED = 82
    DISCOUNT_EXPIRED = 83
    DISCOUNT_LOYAL = 84
    DISCOUNT_HIGH = 85
    DISCOUNT_UNAPPROVED = 86
    DISCOUNT_UNKNOWN = 87
    PROMO = 88
    PROMO_EXTENDED = 89
    PROMO_OTHER = 90
    LINE_TWICE = 91
    INVOICE_TWICE = 92
    REBILLED = 93
    PRORATED = 94
    SKIPPED = 95
    HELD = 96
    TOO_SMALL = 97
    SUPPRESSED = 98
    PRORATED_WHOLE = 99
    TWO_PACKS = 100


# few events are fit for these, so more subscriptions are kept for them
_HARD = (Role.GHOST, Role.SHORT, Role.LONG, Role.ROUNDING, Role.INCREMENT, Role.PLAN_STALE)

# kind of anomaly -> role of the usage it falls on
USAGE_ROLES = {
    "unbilled_accounts": Role.UNBILLED,
    "billed_twice": Role.TWICE,
    "exact_duplicates": Role.EXACT,
    "near_duplicates": Role.NEAR,
    "ghost_records": Role.GHOST,
    "short_quantities": Role.SHORT,
    "long_quantities": Role.LONG,
    "zeroed": Role.ZEROED,
    "zeroed_as_allowance": Role.ZEROED_ALLOWANCE,
    "stale_plans": Role.PLAN_STALE,
    "wrong_increments": Role.INCREMENT,
    "decimal_units": Role.BYTES,
    "early_plans": Role.PLAN_FUTURE,
    "missing_minimums": Role.NO_MINIMUM,
    "double_roundings": Role.ROUNDED_TWICE,
    "satellite_calls": Role.SATELLITE,
}
# kind of anomaly -> role of the subscription whose allowance is counted wrongly in one month
COUNTER_ROLES = {
    "double_grants": Role.DOUBLE_GRANT,
    "skipped_resets": Role.NO_RESET,
    "reordered_events": Role.REORDERED,
    "overrun_allowances": Role.WHOLE_EVENT,
    "banded_lines": Role.FLEX,
}
RATING_ROLES = (
    Role.WRONG_PLAN,
    Role.WRONG_ZONE,
    Role.ALLOWANCE,
    Role.ROUNDING,
    Role.UNDER_RATED,
    Role.OVER_RATED,
)
# every role of which single events are chosen
PICKED = (*USAGE_ROLES.values(), *RATING_ROLES)
_RECURRING = {
    "skipped_charges": Role.RC_MISSING,
    "doubled_charges": Role.RC_DUP,
    "mispriced_charges": Role.RC_PRICE,
    "charge_gaps": Role.RC_GAP,
    "charge_overlaps": Role.RC_OVERLAP,
    "unbilled_features": Role.NETWORK_FEATURE,
    "ceased_lines": Role.CEASED_LINE,
    "stripped_features": Role.STRIPPED_FEATURE,
    "broken_totals": Role.FOOT,
    "broken_taxes": Role.TAX,
    "broken_balances": Role.BALANCE,
    "broken_lines": Role.LINE_MATH,
    "old_tax_rates": Role.TAX_OLD,
    "expired_exemptions": Role.EXEMPT_OLD,
    "misplaced_taxes": Role.TAX_PLACE,
    "stacked_discounts": Role.STACKED,
    "exceeded_ceilings": Role.STACK_HIGH,
    "expired_discounts": Role.DISCOUNT_EXPIRED,
    "raised_discounts": Role.DISCOUNT_HIGH,
    "unapproved_discounts": Role.DISCOUNT_UNAPPROVED,
    "unknown_discounts": Role.DISCOUNT_UNKNOWN,
    "endless_promotions": Role.PROMO,
    "misgiven_promotions": Role.PROMO_OTHER,
    "copied_lines": Role.LINE_TWICE,
    "wrong_prorations": Role.PRORATED,
    "whole_months": Role.PRORATED_WHOLE,
    "copied_invoices": Role.INVOICE_TWICE,
}
# roles of lines whose allowance shall run out
USED_UP = (
    Role.DOUBLE_GRANT,
    Role.NO_RESET,
    Role.REORDERED,
    Role.WHOLE_EVENT,
    Role.ROUNDED_TWICE,
    Role.BYTES,
)
# look-alikes that are kept apart from what is planted
_DECOYS = (
    Role.STACK_APPROVED,
    Role.DISCOUNT_LOYAL,
    Role.PROMO_EXTENDED,
    Role.REBILLED,
    Role.TWO_PACKS,
)


# lines that send nothing, alone on their account: their bill is their plan's charge
QUIET = (Role.SKIPPED, Role.HELD, Role.SUPPRESSED, Role.TOO_SMALL)


def wanted(mix: AnomalyMix, name: str, subscribers: int, ways: int = 1) -> int:
    """Return how many of a kind are planted, for one of the ways that share its count."""
    count = mix.count(name, subscribers)
    return -(-count // ways)


def usage_pools(mix: AnomalyMix, subscribers: int, months: int) -> list[tuple[Role, int]]:
    """Return how many busy subscriptions each usage role needs.

    A subscription gives at most one event a month and service, and not every one has a fit one.
    """
    lines = wanted(mix, "unbilled_lines", subscribers)
    pools = [(Role.TRAFFIC_DECOY, 4), (Role.NETWORK_LINE, lines)]
    pools += [(role, wanted(mix, name, subscribers)) for name, role in COUNTER_ROLES.items()]
    wants = [(role, wanted(mix, name, subscribers)) for name, role in USAGE_ROLES.items()]
    wants += [(role, wanted(mix, "misrated", subscribers, 6)) for role in RATING_ROLES]
    for role, count in wants:
        if count:
            monthly = -(-count // (months - 1))
            spare = 4 if role in _HARD else 2
            pools.append((role, count if role == Role.UNBILLED else max(3, monthly * spare)))
    return pools


def recurring_pools(mix: AnomalyMix, subscribers: int) -> list[tuple[Role, int]]:
    """Return how many subscriptions each role needs that falls on charges, invoices or numbers."""
    pools = [(role, wanted(mix, name, subscribers)) for name, role in _RECURRING.items()]
    numbers = wanted(mix, "recycled_numbers", subscribers)
    decoys = max(2, subscribers // 2_000)
    return [
        *pools,
        (Role.NUMBER_OLD, numbers),
        (Role.NUMBER_NEW, numbers),
        (Role.RESTED_OLD, decoys),
        (Role.RESTED_NEW, decoys),
        (Role.EARLY, decoys),
        *((role, decoys) for role in _DECOYS),
    ]


def quiet_pools(mix: AnomalyMix, subscribers: int) -> list[tuple[Role, int]]:
    """Return how many accounts of one line each role needs that falls on a whole bill."""
    return [
        (Role.SKIPPED, wanted(mix, "skipped_accounts", subscribers)),
        (Role.HELD, wanted(mix, "held_bills", subscribers)),
        (Role.SUPPRESSED, wanted(mix, "suppressed_bills", subscribers)),
        (Role.TOO_SMALL, max(2, subscribers // 2_000)),
    ]
