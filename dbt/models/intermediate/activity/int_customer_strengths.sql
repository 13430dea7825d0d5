-- One row per customer: the relationship strength, 0 to 100. It is the sum of five components,
-- shown with their inputs; int_strength_weights has the points of each. An unknown input gives a
-- component its neutral share of points (docs/definitions.md).
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set components = strength_components() %}
with thresholds as (
    select strength_window_days, strength_neutral_share from {{ ref('int_thresholds') }}
),

scales as (
    select * from {{ ref('int_strength_scales') }}
    where is_now
),

recent_orders as (
    select
        orders.customer_id,
        count(*) as recent_order_count
    from {{ ref('int_orders_numbered') }} as orders
    cross join thresholds
    where orders.ordered_at >= {{ days_after(as_of(), '-thresholds.strength_window_days') }}
    group by orders.customer_id
),

inputs as (
    select
        totals.customer_id,
        totals.last_active_at,
        cast({{ days_between(date_of('totals.last_active_at'), as_of_date()) }} as integer)
            as days_since_last_touch,
        cast(
            {{ days_between(date_of('orders.last_order_at'), as_of_date()) }} - 1 as integer
        ) as days_since_last_order,
        cast(coalesce(recent_orders.recent_order_count, 0) as integer) as recent_order_count,
        totals.recent_activity_count,
        feedback.satisfaction_share,
        feedback.service_share
    from {{ ref('int_customer_activity_totals') }} as totals
    left join {{ ref('int_customer_order_totals') }} as orders
        on totals.customer_id = orders.customer_id
    left join recent_orders
        on totals.customer_id = recent_orders.customer_id
    left join {{ ref('int_customer_feedback') }} as feedback
        on totals.customer_id = feedback.customer_id
),

shares as (
    select
        inputs.*,
        case
            when inputs.days_since_last_order is null then {{ strength_share('recency_of_touch') }}
            else {{ strength_share('recency') }}
        end as recency_part,
        {%- for component in components if component != 'recency' %}
        {{ strength_share(component) }} as {{ component }}_part
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from inputs
    cross join scales
    cross join thresholds
),

components as (
    select
        shares.*,
        {%- for component, points in components.items() %}
        {{ strength_points('weights.' ~ component ~ '_weight', 'shares.' ~ component ~ '_part') }}
            as {{ points }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from shares
    cross join {{ ref('int_strength_weights') }} as weights
)

select
    customer_id,
    recency_points,
    frequency_points,
    interaction_points,
    satisfaction_points,
    service_points,
    recency_points + frequency_points + interaction_points + satisfaction_points + service_points
        as relationship_strength,
    days_since_last_touch,
    days_since_last_order,
    recent_order_count,
    recent_activity_count,
    satisfaction_share,
    service_share,
    last_active_at
from components
