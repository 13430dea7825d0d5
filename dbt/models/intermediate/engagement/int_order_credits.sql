-- One row per counted order and touch: the part of the order that each attribution model credits to
-- the touch. Parts are whole millionths of the order and whole cents, rounded down. The last touch
-- gets the remainder, so that the parts of an order sum to exactly 1 and to its net amount.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{{ config(**incremental_by_order()) }}
{% set models = ['first', 'last', 'linear', 'position_based'] %}
{% set whole = 1000000 %}
with touches as (
    select
        touches.source_system,
        touches.order_id,
        touches.channel,
        touches.campaign,
        touches.touch_number,
        touches.touch_count,
        touches.ordered_at,
        {{ wide_number('cast(touches.net_amount as decimal(38, 2)) * 100') }} as net_cents,
        cast(thresholds.attribution_first_share * {{ whole }} as bigint) as first_parts,
        cast(thresholds.attribution_last_share * {{ whole }} as bigint) as last_parts
    from {{ ref('int_order_touches') }} as touches
    cross join {{ ref('int_thresholds') }} as thresholds
    where true {{ only_affected_orders('touches', 'int_affected_orders_of_customers') }}
),

-- The credit of the first touch, and of each touch between the first and the last.
weighed as (
    select
        *,
        {{ whole }} as first_opening,
        0 as first_between,
        0 as last_opening,
        0 as last_between,
        {{ whole_quotient(whole, 'touch_count') }} as linear_opening,
        {{ whole_quotient(whole, 'touch_count') }} as linear_between,
        case
            when touch_count = 2
                then {{ whole_quotient(whole ~ ' * first_parts', 'first_parts + last_parts') }}
            else first_parts
        end as position_based_opening,
        case
            when touch_count > 2
                then {{ whole_quotient(whole ~ ' - first_parts - last_parts', 'touch_count - 2') }}
            else 0
        end as position_based_between
    from touches
),

rounded as (
    select
        *,
        {%- for model in models %}
        {%- for place in ['opening', 'between'] %}
        case when net_cents < 0 then -1 else 1 end
        * {{ whole_quotient('abs(net_cents) * ' ~ model ~ '_' ~ place, whole) }}
            as {{ model }}_{{ place }}_cents
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weighed
),

completed as (
    select
        *,
        {%- for model in models %}
        {%- for kind, suffix, total in [
            ('order_parts', '', whole), ('revenue_cents', '_cents', 'net_cents'),
        ] %}
        case
            when touch_count = 1 then {{ total }}
            when touch_number = touch_count
                then {{ total }} - {{ model }}_opening{{ suffix }}
                    - (touch_count - 2) * {{ model }}_between{{ suffix }}
            when touch_number = 1 then {{ model }}_opening{{ suffix }}
            else {{ model }}_between{{ suffix }}
        end as {{ model }}_{{ kind }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from rounded
)

select
    source_system,
    order_id,
    touch_number,
    channel,
    campaign,
    {%- for model in models %}
    {{ quantity(model ~ '_order_parts * 0.000001') }} as {{ model }}_order_credit,
    {{ money('cast(' ~ model ~ '_revenue_cents as bigint) * 0.01') }} as {{ model }}_net_revenue,
    {%- endfor %}
    ordered_at
from completed
