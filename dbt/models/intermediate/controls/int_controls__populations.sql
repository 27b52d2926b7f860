-- how many rows each control had before it a month: zero findings from zero rows is no pass
with

wide as (
    select * from {{ ref('int_controls__month_counts') }}
),

counted as (
    {% set populations = [
        ('DQ-01', 'expected_count', 'present_count', '0', '0', '0'),
        ('DQ-02', 'landed_line_count', 'loaded_count', '0', '0', '0'),
        ('DQ-03', 'rated_count', 'billed_count', '0', '0', '0'),
        ('DQ-05', '1', '1', '0', '0', '0'),
        ('USG-01', 'written_count', 'collected_count', '0', '0', '0'),
        ('USG-02', 'network_count', 'rated_count', 'matched_count', 'explained_count', 'pending_count'),
        ('USG-05', 'rated_count', 'linked_count', 'linked_count', '0', '0'),
        ('USG-06', 'rated_count', 'network_count', 'matched_count', '0', 'pending_count'),
        ('RAT-01', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-03', 'zero_count', 'zero_count', '0', '0', '0'),
        ('RAT-02', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-04', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-05', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-06', 'rated_count', 'rated_count', '0', '0', '0'),
        ('RAT-07', 'rated_count', 'rated_count', '0', '0', '0'),
        ('POM-01', 'approved_price_count', 'configured_price_count', '0', '0', '0'),
        ('POM-07', 'approved_price_count + configured_price_count', 'approved_price_count + configured_price_count',
         '0', '0', '0'),
        ('ORD-02', 'profile_count', 'billed_count', '0', '0', '0'),
        ('ORD-03', 'billed_count', 'profile_count', '0', '0', '0'),
        ('ORD-08', 'billed_count', 'line_count', '0', '0', '0'),
        ('BIL-01', 'billed_count', 'recurring_count', '0', '0', '0'),
        ('BIL-03', 'footed_line_count', 'invoice_count', '0', '0', '0'),
        ('BIL-08', 'footed_line_count', 'invoice_count', '0', '0', '0'),
        ('BIL-05', 'line_count', 'line_count', '0', '0', '0'),
        ('BIL-07', 'discount_count', 'discount_count', '0', '0', '0'),
        ('RAT-10', 'discount_count', 'discount_count', '0', '0', '0'),
        ('POM-03', 'discount_count', 'discount_count', '0', '0', '0'),
        ('BIL-02', 'part_count', 'recurring_count', '0', '0', '0'),
        ('BIL-04', 'billed_count', 'invoice_count', '0', '0', '0'),
        ('BIL-11', 'commitment_count', 'invoice_count', '0', '0', '0'),
        ('PAR-02', 'interconnect_count + declared_line_count', 'interconnect_count + declared_line_count',
         '0', '0', '0'),
        ('PAR-05', 'interconnect_count', 'interconnect_count', '0', '0', '0')
    ] %}
    {% for control_id, left, right, matched, explained, pending in populations %}
    select
        '{{ control_id }}' as control_id, billing_month,
        {{ left }} as left_count, {{ right }} as right_count,
        cast({{ matched }} as bigint) as matched_count, cast({{ explained }} as bigint) as explained_count,
        cast({{ pending }} as bigint) as pending_count
    from wide
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        control_id,
        billing_month,
        cast(coalesce(left_count, 0) as bigint) as left_count,
        cast(coalesce(right_count, 0) as bigint) as right_count,
        cast(coalesce(matched_count, 0) as bigint) as matched_count,
        cast(coalesce(explained_count, 0) as bigint) as explained_count,
        cast(coalesce(pending_count, 0) as bigint) as pending_count
    from counted
)

select * from final
