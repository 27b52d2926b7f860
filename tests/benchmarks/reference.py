"""Reference data of the synthetic operator: plans, prices, bands, tiers, discounts, zones."""

from __future__ import annotations

PLANS = 5
# Calls on this plan cost twice as much from 8 to 20 on working days.
PEAK_PLAN, PEAK_FROM, PEAK_TO = 3, 8 * 3600, 20 * 3600
# Data on these plans: upper bound in bytes (none in the last tier) and price of a million of them.
TIERED_PLANS = (1, 4)
TIERS = ((200_000_000, "0.004"), (1_000_000_000, "0.003"), (None, "0.0025"))
ZONES = "(select unnest(['national', 'near', 'far', 'world']) as zone)"


def catalogue(services: int) -> dict[str, str]:
    """A select per feed; columns that are left out are null."""
    plans, prices, periods = f"range({PLANS}) as p(plan)", _prices(), _periods(services)
    return {
        "product_offerings": f"""
            select 'PLAN' || plan as product_offering_id, 'plan' as product_type from {plans}""",
        "time_bands": f"""
            select 'PEAK' as time_band_code, day as weekday_no, {PEAK_FROM} as starts_at_second,
                {PEAK_TO} as ends_at_second
            from range(1, 6) as r(day)""",
        "price_tiers": _tiers(),
        "approved_prices": prices,
        "price_rules": prices,
        "allowances": f"""
            select 'AL-' || plan || '-' || service as allowance_id,
                'PLAN' || plan as product_offering_id, service as service_code,
                case when service = 'data' then null else 'national' end as zone_code,
                quantity as allowance_quantity, unit as unit_code
            from {plans}, (values ('voice', 1800, 'second'), ('sms', 5, 'event'),
                ('data', 400000000, 'byte')) as a(service, quantity, unit)
            where plan < 4""",
        "discounts": f"""
            select 'D' || s as discount_id, 'S' || lpad(s::varchar, 9, '0') as subscription_id,
                'subscription' as scope_type, 'usage' as charge_type, 'percent' as discount_type,
                0.1 as rate_ratio, date '2026-01-01' as valid_from_on
            from range({services}) as r(s) where s % 20 = 0""",
        "destination_zones": """
            select distinct on (prefix) prefix, zone_code from (
                select p::varchar as prefix,
                    case when p = 49 then 'national' else ['near', 'far', 'world'][p % 3 + 1] end
                        as zone_code, 0 as rank
                from range(10, 100) as r(p)
                union all
                select left((1000000000 + hash(n) % 8999999999)::varchar, (3 + n % 7)::int),
                    ['near', 'far', 'world'][(hash(n * 3) % 3)::int + 1], n
                from range(1, 5901) as r(n)
            ) where prefix not like '49%' or prefix = '49' order by prefix, rank""",
        "crm_services": periods,
        "subscriptions": periods,
        "accounts": f"""
            select 'A' || s as account_id, 'consumer' as account_type, 'EUR' as currency_code
            from range({services}) as r(s)""",
    }


def _periods(services: int) -> str:
    """Who had which plan; every 33rd changed it in the middle of the month."""
    subscriber = "'S' || lpad(s::varchar, 9, '0') as subscription_id, 'A' || s as account_id, "
    subscriber += "'4917' || lpad(s::varchar, 9, '0') as service_id, 'active' as status"
    return f"""
        select {subscriber}, 'PLAN' || ((s + n) % {PLANS})::int as product_offering_id,
            case when n = 0 then date '2025-01-01' else date '2026-07-15' end as valid_from_on,
            case when n = 0 and s % 33 = 0 then date '2026-07-15' end as valid_to_on
        from range({services}) as r(s), range(1 + (s % 33 = 0)::int) as c(n)"""


def _tiers() -> str:
    rows = ", ".join(
        f"({plan}, {number}, {upper or 'null'}, {price})"
        for plan in TIERED_PLANS
        for number, (upper, price) in enumerate(TIERS, start=1)
    )
    return f"""
        select 'R-' || plan || '-data' as price_rule_id, tier_no, upper_quantity, price_amount,
            'EUR' as currency_code
        from (values {rows}) as t(plan, tier_no, upper_quantity, price_amount)"""


def _prices() -> str:
    """Three kinds of increments, four zones, a connect fee on one plan, peak hours, tiers."""
    return f"""
        select 'R-' || plan || '-' || service || coalesce('-' || zone, '')
                || coalesce('-' || band, '') as price_rule_id,
            'PLAN' || plan as product_offering_id, 'USAGE_' || upper(service) as charge_code,
            'usage' as charge_type, service as service_code, zone as zone_code,
            band as time_band_code,
            case when service = 'data' and plan in {TIERED_PLANS} then 'graduated'
                else 'per_unit' end as charge_model,
            'EUR' as currency_code, date '2020-01-01' as valid_from_on,
            case service when 'voice' then 60 when 'sms' then 1 else 1000000 end as unit_quantity,
            case service when 'voice' then [60, 30, 1][plan % 3 + 1] when 'sms' then 1
                else 1000 end as first_increment_quantity,
            case service when 'voice' then [60, 10, 1][plan % 3 + 1] when 'sms' then 1
                else 1000 end as next_increment_quantity,
            case when service = 'data' then 0.004
                else 0.05 * (1 + plan) * case zone when 'national' then 1 when 'near' then 2
                    when 'far' then 5 else 9 end * case when band is null then 1 else 2 end
                end as price_amount,
            case when service = 'voice' and plan = 2 then 0.05 end as connect_amount
        from range({PLANS}) as p(plan), (
            select unnest(['voice', 'sms']) as service, zone, null as band from {ZONES}
            union all select 'data', null, null
            union all select 'voice', zone, 'PEAK' from {ZONES}) as k
        where band is null or plan = {PEAK_PLAN}"""
