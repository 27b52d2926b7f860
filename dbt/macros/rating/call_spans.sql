{# Spans of a call: cut at the borders of time bands and where the price changes with the elapsed length, each
   lengthened to whole increments, the excess eating into the next. Equal calls are computed once. #}

{# What the spans of a call depend on. #}
{% macro call_shape() -%}
call_term_no, call_offering_no, call_service_code, call_zone_no, call_on, call_micros, call_clock_milli, quantity_milli
{%- endmacro %}

{% macro same_call(one, other) -%}
{%- for column in call_shape().split(', ') -%}
{{ one }}.{{ column }} = {{ other }}.{{ column }}{{ '' if loop.last else ' and ' }}
{%- endfor -%}
{%- endmacro %}

{# The different calls of a relation that are priced span by span, each from start_milli on. #}
{% macro call_shapes(relation, condition, start_milli) -%}
(
    select distinct
        {{ call_shape() }},
        {{ start_milli }} as start_milli,
        {{ 'free_milli' if start_milli != '0' else '0' }} as free_milli,
        free_from_milli
    from (select *, {{ 'free_milli - start_milli' if start_milli != '0' else '0' }} as free_from_milli from {{ relation }}) as calls
    where is_by_call and {{ condition }}
)
{%- endmacro %}

{# Elapsed thousandths of a second at which a moment of a local day comes; the clock may change on the way. #}
{% macro elapsed_milli(clock_milli) -%}
({{ clock_milli }}) - h.call_clock_milli - (
    {{ integer_divide(
        local_micros("h.call_micros + 1000 * (" ~ clock_milli ~ " - h.call_clock_milli)") ~ " - 86400000000 * "
        ~ days_between("cast('1970-01-01' as date)", 'h.call_on'), '1000'
    ) }} - ({{ clock_milli }})
)
{%- endmacro %}

{% macro call_spans(shapes) %}
{%- set split = "case when s.is_split then s.piece_from_milli else -1 end" -%}
{%- set call = "partition by " ~ call_shape() ~ ", s.free_milli, " ~ split ~ " order by s.segment_from_milli" -%}
{%- set whole = "partition by " ~ call_shape() ~ ", free_milli order by segment_from_milli" -%}
select * from (
with calls as (
    select
        h.*,
        t.is_banded and t.band_rule <> 'start' and h.call_service_code = 'voice' as is_cut,
        t.band_rule = 'split' as is_split
    from {{ shapes }} as h
    inner join {{ ref('int_catalogue__usage_terms') }} as t on h.call_term_no = t.usage_term_no
),
-- a day more than the clock says, for a day may have 25 hours
days as (
    select
        *,
        {{ each_integer('0', integer_divide('call_clock_milli + quantity_milli + 7200000', '86400000')) }} as day_no
    from calls
    where is_cut
),
bands as (
    select
        h.*,
        b.usage_term_no as span_term_no,
        {{ elapsed_milli('86400000 * h.day_no + b.from_milli') }} as band_from_milli,
        {{ elapsed_milli('86400000 * h.day_no + b.to_milli') }} as band_to_milli
    from days as h
    inner join {{ ref('int_catalogue__band_hours') }} as b
        on
            {{ add_days('h.call_on', 'h.day_no') }} = b.local_on
            and h.call_offering_no = b.offering_no
            and h.call_service_code = b.service_code
            and h.call_zone_no = b.zone_no
),
pieces as (
    select
        {{ call_shape() }}, start_milli, free_milli, free_from_milli, is_split,
        call_term_no as span_term_no,
        start_milli as piece_from_milli,
        quantity_milli as piece_to_milli
    from calls
    where not is_cut
    union all
    select
        {{ call_shape() }}, start_milli, free_milli, free_from_milli, is_split,
        span_term_no,
        greatest(start_milli, band_from_milli) as piece_from_milli,
        least(quantity_milli, band_to_milli) as piece_to_milli
    from bands
    where band_from_milli < quantity_milli and band_to_milli > start_milli and band_from_milli < band_to_milli
),
segments as (
    select
        p.*,
        t.price_rule_id as span_price_rule_id,
        t.rounding_step_micros,
        t.rounding_mode,
        t.increment_step_picos,
        c.price_micros,
        c.unit_milli,
        c.increment_milli,
        greatest(p.piece_from_milli, c.from_milli) as segment_from_milli,
        least(p.piece_to_milli, c.to_milli) as segment_to_milli
    from pieces as p
    inner join {{ ref('int_catalogue__usage_terms') }} as t on p.span_term_no = t.usage_term_no
    inner join {{ ref('int_catalogue__call_steps') }} as c on t.price_rule_id = c.price_rule_id
    where greatest(p.piece_from_milli, c.from_milli) < least(p.piece_to_milli, c.to_milli)
),
lengthened as (
    select
        s.*,
        {{ rounded_until(
            's.segment_to_milli', 's.increment_milli',
            'case when s.is_split then s.piece_from_milli else s.start_milli end', call
        ) }} as until_milli
    from segments as s
),
measured as (
    select
        *,
        until_milli - coalesce(
            lag(until_milli) over ({{ call }}),
            case when is_split then piece_from_milli else start_milli end
        ) as length_milli
    from lengthened as s
),
placed as (
    select
        *,
        cast(sum(length_milli) over ({{ whole }} rows between unbounded preceding and current row) as bigint)
            as placed_milli
    from measured
    where length_milli > 0
)
-- what an allowance paid lies at the beginning
select
    *,
    greatest(0, least(length_milli, placed_milli - free_from_milli)) as paid_milli,
    row_number() over ({{ whole }}) as span_no
from placed
) as cut_calls
{% endmacro %}

{# What the spans of a call cost together, rounded once; the connect fee is that of the first. Exact where all
   have one unit, else each span in 10^-12 of the currency. #}
{% macro call_costs(spans, with_text=false) %}
select
    {{ call_shape() }},
    free_milli,
    length_milli,
    span_count,
    spans_text,
    {{ rounded_quotient('numerator', 'denominator', '1', "'half_up'") }} as unrounded_micros,
    {{ rounded_quotient('numerator', 'denominator', 'step_micros', 'rounding_mode') }} as cost_micros
from (
    select
        {% for column in call_shape().split(', ') %}g.{{ column }}, {% endfor %}
        g.free_milli,
        g.length_milli,
        g.span_count,
        g.spans_text,
        g.step_micros,
        substr(g.step_mode, 14) as rounding_mode,
        case
            when g.is_exact then g.products + {{ wide_integer('t.connect_micros') }} * g.unit_milli
            else g.picos + {{ wide_integer('t.connect_micros') }} * 1000000
        end as numerator,
        case when g.is_exact then g.unit_milli else 1000000 end as denominator
    from (
        select
            {{ call_shape() }},
            free_milli,
            cast(sum(paid_milli) as bigint) as length_milli,
            count(*) as span_count,
            {% if with_text -%}
            {{ join_in_order(span_text(), 'span_no') }}
            {%- else -%}
            cast(null as string)
            {%- endif %} as spans_text,
            min(rounding_step_micros) as step_micros,
            -- by the mode of the first span with the most decimals
            min(concat(
                lpad(cast(rounding_step_micros as string), 7, '0'), lpad(cast(span_no as string), 6, '0'),
                coalesce(rounding_mode, 'half_up')
            )) as step_mode,
            count(increment_step_picos) = 0 and min(unit_milli) = max(unit_milli) as is_exact,
            max(unit_milli) as unit_milli,
            sum({{ wide_integer('paid_milli') }} * price_micros) as products,
            sum({{ span_picos() }}) as picos
        from {{ spans }}
        where paid_milli > 0
        group by {{ call_shape() }}, free_milli
    ) as g
    inner join {{ ref('int_catalogue__usage_terms') }} as t on g.call_term_no = t.usage_term_no
) as summed
{% endmacro %}

{# What one span costs in 10^-12 of the currency; with rounded increments their number times the cost of one. #}
{% macro span_picos() %}
case
    when increment_step_picos is not null and increment_milli > 0
        then {{ integer_divide('paid_milli + increment_milli - 1', 'increment_milli') }} * {{ integer_divide(
            "2 * " ~ wide_integer('increment_milli') ~ " * price_micros * 1000000 + "
            ~ wide_integer('unit_milli') ~ " * increment_step_picos",
            "2 * " ~ wide_integer('unit_milli') ~ " * increment_step_picos"
        ) }} * increment_step_picos
    else {{ integer_divide(
        "2 * " ~ wide_integer('paid_milli') ~ " * price_micros * 1000000 + "
        ~ wide_integer('unit_milli') ~ " * coalesce(increment_step_picos, 1)",
        "2 * " ~ wide_integer('unit_milli') ~ " * coalesce(increment_step_picos, 1)"
    ) }} * coalesce(increment_step_picos, 1)
end
{% endmacro %}

{# A span in words: length, price, and what is rounded. #}
{% macro span_text() %}
concat(
    {{ milli_text('paid_milli') }}, ' x ', {{ amount_text('price_micros') }}, ' per ', {{ milli_text('unit_milli') }},
    case when increment_milli > 0 then concat(' by ', {{ milli_text('increment_milli') }}) else '' end,
    case
        when increment_step_picos is null then ''
        else concat(
            ' (each rounded to ', cast(cast(cast(increment_step_picos as decimal(18, 0)) * cast(0.000000000001 as decimal(13, 12)) as decimal(18, 12)) as string), ')'
        )
    end
)
{% endmacro %}

{# Thousandths of a second since the local day of an event began, by the operator's clock. #}
{% macro clock_milli(started_at, event_on) -%}
{{ integer_divide(
    local_micros(epoch_micros(started_at)) ~ " - 86400000000 * " ~ days_between("cast('1970-01-01' as date)", event_on), '1000'
) }}
{%- endmacro %}
