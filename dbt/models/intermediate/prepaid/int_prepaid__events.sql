-- prepaid usage with its price: what the units leave is charged in the increments of the price at the start
with

plans as (
    select
        h.subscription_id,
        h.product_offering_id,
        h.valid_from_on,
        least(h.valid_to_on, coalesce(lead(h.valid_from_on) over (
            partition by h.subscription_id order by h.valid_from_on, h.product_offering_id
        ), h.valid_to_on)) as valid_to_on
    from {{ ref('int_customers__service_history') }} as h
    inner join {{ ref('int_customers__prepaid_subscriptions') }} as p on h.subscription_id = p.subscription_id
    where h.product_type = 'plan' and h.status = 'active'
),

offerings as (
    select distinct product_offering_id, offering_no from {{ ref('int_catalogue__usage_terms') }}
),

placed as (
    select
        u.event_id, u.subscription_id, u.service_id, u.service_code, u.started_at, u.event_on, u.unit_code,
        u._source_file, u._source_row, u._file_hash,
        {{ to_milli('u.quantity') }} as quantity_milli,
        z.zone_code,
        coalesce(z.zone_no, 0) as call_zone_no,
        o.offering_no as call_offering_no,
        {{ clock_milli('u.started_at', 'u.event_on') }} as call_clock_milli
    from {{ ref('int_usage__billing_set') }} as u
    inner join {{ ref('int_customers__prepaid_subscriptions') }} as p on u.subscription_id = p.subscription_id
    left join {{ ref('int_catalogue__zone_buckets') }} as z
        on
            {{ head_bucket('u.other_party_number_head') }} = z.bucket_no
            and u.other_party_number_head >= z.from_head
            and u.other_party_number_head < z.to_head
    left join plans as s
        on u.subscription_id = s.subscription_id and u.event_on >= s.valid_from_on and u.event_on < s.valid_to_on
    left join offerings as o on s.product_offering_id = o.product_offering_id
    where {{ in_window('u.event_on') }}
),

termed as (
    select
        e.*,
        t.usage_term_no as call_term_no,
        e.service_code as call_service_code,
        e.event_on as call_on,
        {{ epoch_micros('e.started_at') }} as call_micros,
        t.is_by_call
    from placed as e
    {{ price_row_joins('e.call_offering_no', 'e.service_code', 'e.call_zone_no', 'e.event_on', 'e.call_clock_milli') }}
),

spans as (
    {{ call_spans(call_shapes('termed', 'quantity_milli > 0', '0')) }}
),

costs as (
    {{ call_costs('spans') }}
),

final as (
    select
        e.event_id,
        e.subscription_id,
        e.service_id,
        e.service_code,
        e.zone_code,
        e.event_on,
        e.started_at,
        greatest(0, e.quantity_milli) as quantity_milli,
        e.unit_code,
        e.call_term_no as usage_term_no,
        p.price_rule_id,
        p.price_micros,
        p.unit_milli,
        p.first_increment_milli,
        p.next_increment_milli,
        p.connect_micros,
        p.minimum_micros,
        p.maximum_micros,
        p.rounding_step_micros,
        c.length_milli as whole_milli,
        c.cost_micros as whole_micros,
        p.currency_code,
        e._source_file,
        e._source_row,
        e._file_hash
    from termed as e
    left join costs as c on {{ same_call('e', 'c') }}
    left join {{ ref('int_catalogue__usage_terms') }} as p on e.call_term_no = p.usage_term_no
)

select * from final
