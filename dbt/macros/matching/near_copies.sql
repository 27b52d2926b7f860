{# Reasons for which mediation may take a record out: they explain it. #}
{% macro legitimate_rejects() %}'duplicate', 'terminating_leg', 'merged_partial', 'zero_quantity', 'test_number'{% endmacro %}

{# Rated events of a relation that copy another rated event: same service, other party and quantity, start
   within the tolerance. Which of the two is the copy is decided by who has no network record. #}
{% macro near_copies(relation) %}
select distinct a.record_no
from {{ relation }} as a
inner join {{ ref('stg_billing__rated_usage') }} as b
    on
        a.service_id = b.service_id
        and a.service_code = b.service_code
        and a.quantity = b.quantity
        and coalesce(a.other_party_number, '') = coalesce(b.other_party_number, '')
        and a.rated_usage_id <> b.rated_usage_id
        and {{ in_window('b.event_on') }}
        and abs({{ days_between('a.event_on', 'b.event_on') }}) <= 1
        and abs({{ epoch_seconds('a.started_at') }} - {{ epoch_seconds('b.started_at') }})
        <= {{ var('match_tolerance_seconds') }}
{% endmacro %}
