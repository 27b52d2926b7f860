-- every record, or pair, that does not tie in the first pass; what ties is counted in int_usage__day_counts
with

network_records as (
    select * from {{ ref('int_usage__open_network') }}
),

rated as (
    select * from {{ ref('int_usage__open_rated') }}
),

final as (
    select
        m.result_type,
        m.reason_code,
        coalesce(n.event_on, r.event_on) as event_on,
        coalesce(n.service_id, r.service_id) as service_id,
        coalesce(n.service_code, r.service_code) as service_code,
        coalesce(n.other_party_number, r.other_party_number) as other_party_number,
        coalesce(n.other_party_number_head, r.other_party_number_head) as other_party_number_head,
        coalesce(n.unit_code, r.unit_code) as unit_code,
        coalesce(r.subscription_id, o.subscription_id) as subscription_id,
        coalesce(r.account_id, o.account_id) as account_id,
        n.record_no as left_no,
        n.event_on as left_event_on,
        n.network_record_id as left_record_id,
        n.ne_id,
        n.usage_file_name,
        n.started_at as left_started_at,
        n.quantity as left_quantity,
        n._source_file as left_source_file,
        n._source_row as left_source_row,
        n._file_hash as left_file_hash,
        r.record_no as right_no,
        r.event_on as right_event_on,
        r.rated_usage_id,
        r.network_record_id as right_record_id,
        r.started_at as right_started_at,
        r.quantity as right_quantity,
        r.charge_amount,
        r.currency_code,
        r._source_file as right_source_file,
        r._source_row as right_source_row,
        r._file_hash as right_file_hash
    from {{ ref('int_usage__match_types') }} as m
    left join network_records as n on m.left_no = n.record_no
    left join rated as r on m.right_no = r.record_no
    left join {{ ref('int_customers__service_owners') }} as o
        on
            n.service_id = o.service_id
            and o.is_primary
            and n.event_on >= o.owned_from_on
            and n.event_on < o.owned_to_on
)

select * from final
