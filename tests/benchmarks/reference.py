"""Reference data of the synthetic operator: plans, prices, allowances, discounts, zones."""

from __future__ import annotations

PLANS = 5
ZONES = "(select unnest(['national', 'near', 'far', 'world']) as zone)"


def catalogue(services: int) -> dict[str, str]:
    """A select per feed; columns that are left out are null."""
    plans, prices, periods = f"range({PLANS}) as p(plan)", _prices(), _periods(services)
    return {
        "product_offerings": f"""
            select 'PLAN' || plan as product_offering_id, 'plan' as product_type from {plans}""",
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


def _prices() -> str:
    """Three kinds of increments, four zones, a connect fee on one plan."""
    return f"""
        select 'R-' || plan || '-' || service || coalesce('-' || zone, '') as price_rule_id,
            'PLAN' || plan as product_offering_id, 'USAGE_' || upper(service) as charge_code,
            'usage' as charge_type, service as service_code, zone as zone_code,
            'per_unit' as charge_model, 'EUR' as currency_code, date '2020-01-01' as valid_from_on,
            case service when 'voice' then 60 when 'sms' then 1 else 1000000 end as unit_quantity,
            case service when 'voice' then [60, 30, 1][plan % 3 + 1] when 'sms' then 1
                else 1000 end as first_increment_quantity,
            case service when 'voice' then [60, 10, 1][plan % 3 + 1] when 'sms' then 1
                else 1000 end as next_increment_quantity,
            case when service = 'data' then 0.004
                else 0.05 * (1 + plan) * case zone when 'national' then 1 when 'near' then 2
                    when 'far' then 5 else 9 end end as price_amount,
            case when service = 'voice' and plan = 2 then 0.05 end as connect_amount
        from range({PLANS}) as p(plan), (
            select unnest(['voice', 'sms']) as service, zone from {ZONES}
            union all select 'data', null)"""
