-- One row per order that counts and touch: the part of the order that each attribution model gives to the touch.
-- Parts are whole millionths of the order and whole cents, rounded down, and the last touch gets what is left:
-- over an order's touches they sum to 1 and to its net amount, to the cent.
{% set models = ['first', 'last', 'linear', 'position_based'] %}
{% set whole = 1000000 %}
with touches as (
    select
        touches.source_system,
        touches.order_id,
        touches.channel,
        touches.touch_number,
        touches.touch_count,
        touches.ordered_at,
        cast(touches.net_amount * 100 as bigint) as net_cents,
        cast(thresholds.attribution_first_share * {{ whole }} as bigint) as first_parts,
        cast(thresholds.attribution_last_share * {{ whole }} as bigint) as last_parts
    from {{ ref('int_order_touches') }} as touches
    cross join {{ ref('int_thresholds') }} as thresholds
),

weighed as (
    select
        touches.*,
        case when touch_number = 1 then {{ whole }} else 0 end as first_weight,
        case when touch_number = touch_count then {{ whole }} else 0 end as last_weight,
        {{ whole_quotient(whole, 'touch_count') }} as linear_weight,
        case
            when touch_count = 2 then {{ whole_quotient(whole ~ ' * first_parts', 'first_parts + last_parts') }}
            when touch_number = 1 then first_parts
            when touch_number < touch_count
                then {{ whole_quotient(whole ~ ' - first_parts - last_parts', 'touch_count - 2') }}
            else 0
        end as position_based_weight
    from touches
),

rounded as (
    select
        weighed.*,
        {%- for model in models %}
        case
            when touch_number < touch_count
                then case when net_cents < 0 then -1 else 1 end
                    * {{ whole_quotient('abs(net_cents) * ' ~ model ~ '_weight', whole) }}
            else 0
        end as {{ model }}_cents
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weighed
),

completed as (
    select
        rounded.*,
        {%- for model in models %}
        case
            when touch_number < touch_count then {{ model }}_weight
            else {{ whole }} - coalesce(sum({{ model }}_weight) over before, 0)
        end as {{ model }}_order_parts,
        case
            when touch_number < touch_count then {{ model }}_cents
            else net_cents - coalesce(sum({{ model }}_cents) over before, 0)
        end as {{ model }}_revenue_cents
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from rounded
    window before as (
        partition by source_system, order_id order by touch_number
        rows between unbounded preceding and 1 preceding
    )
)

select
    source_system,
    order_id,
    touch_number,
    channel,
    {%- for model in models %}
    {{ quantity(model ~ '_order_parts * 0.000001') }} as {{ model }}_order_credit,
    {{ money(model ~ '_revenue_cents * 0.01') }} as {{ model }}_net_revenue,
    {%- endfor %}
    ordered_at
from completed
