-- One row per customer: the relationship strength, 0 to 100. It is the sum of five components of 20
-- points each, shown with their inputs. An unknown input gives a component its neutral share of
-- points (docs/definitions.md).
with customers as (
    select
        totals.customer_id,
        totals.last_active_at,
        totals.recent_activity_count,
        feedback.satisfaction_share,
        feedback.service_share
    from {{ ref('int_customer_activity_totals') }} as totals
    left join {{ ref('int_customer_feedback') }} as feedback
        on totals.customer_id = feedback.customer_id
),

thresholds as (
    select
        strength_recency_days,
        strength_order_count,
        strength_interaction_count,
        strength_window_days,
        strength_neutral_share
    from {{ ref('int_thresholds') }}
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

known as (
    select
        customers.*,
        cast({{ days_between(date_of('customers.last_active_at'), as_of_date()) }} as integer)
            as days_since_last_touch,
        cast(coalesce(recent_orders.recent_order_count, 0) as integer) as recent_order_count
    from customers
    left join recent_orders
        on customers.customer_id = recent_orders.customer_id
),

components as (
    select
        known.*,
        20 * greatest(
            1 - known.days_since_last_touch / cast(thresholds.strength_recency_days as double), 0
        ) as recency_points,
        20 * least(
            known.recent_order_count / cast(thresholds.strength_order_count as double), 1
        ) as frequency_points,
        20 * least(
            known.recent_activity_count / cast(thresholds.strength_interaction_count as double), 1
        ) as interaction_points,
        20 * cast(
            coalesce(known.satisfaction_share, thresholds.strength_neutral_share) as double
        ) as satisfaction_points,
        20 * cast(
            coalesce(known.service_share, thresholds.strength_neutral_share) as double
        ) as service_points
    from known
    cross join thresholds
),

rounded as (
    select
        customer_id,
        days_since_last_touch,
        recent_order_count,
        recent_activity_count,
        satisfaction_share,
        service_share,
        last_active_at,
        cast(floor(recency_points + 0.5) as integer) as recency_points,
        cast(floor(frequency_points + 0.5) as integer) as frequency_points,
        cast(floor(interaction_points + 0.5) as integer) as interaction_points,
        cast(floor(satisfaction_points + 0.5) as integer) as satisfaction_points,
        cast(floor(service_points + 0.5) as integer) as service_points
    from components
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
    recent_order_count,
    recent_activity_count,
    satisfaction_share,
    service_share,
    last_active_at
from rounded
