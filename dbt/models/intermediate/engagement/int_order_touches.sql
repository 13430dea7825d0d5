-- One row per counted order and credited touch, numbered by time. An order without one has one row
-- with the channel `unknown`. A touch without a known channel cannot be credited and is left out.
{{ config(**incremental_by_order()) }}
with paths as (
    select * from {{ ref('int_order_paths') }} as paths
    where true {{ only_affected_orders('paths', 'int_affected_orders_of_customers') }}
),

touches as (
    select
        activities.customer_id,
        channels.acquisition_channel as channel,
        ranks.activity_rank,
        activities.source_system,
        activities.subject_id,
        activities.occurred_at
    from {{ ref('int_customer_activities') }} as activities
    inner join {{ ref('touchpoints') }} as touchpoints
        on activities.activity = touchpoints.activity
    inner join {{ ref('activities') }} as ranks
        on activities.activity = ranks.activity
    inner join {{ ref('acquisition_channels') }} as channels
        on activities.channel = channels.delivered_channel
    where
        channels.acquisition_channel <> 'unknown'
        {{ only_affected('activities.customer_id', 'int_affected_customers') }}
),

paired as (
    select
        paths.source_system,
        paths.order_id,
        paths.net_amount,
        paths.ordered_at,
        coalesce(touches.channel, 'unknown') as channel,
        touches.occurred_at as touched_at,
        touches.activity_rank,
        touches.source_system as touch_source_system,
        touches.subject_id
    from paths
    left join touches
        on paths.customer_id = touches.customer_id
        and paths.ordered_at >= touches.occurred_at
        and paths.path_starts_at <= touches.occurred_at
        and coalesce(paths.previous_ordered_at, {{ always() }}) < touches.occurred_at
)

select
    source_system,
    order_id,
    channel,
    net_amount,
    cast(row_number() over (
        partition by source_system, order_id
        order by touched_at, activity_rank, touch_source_system, subject_id
    ) as integer) as touch_number,
    cast(count(*) over (partition by source_system, order_id) as integer) as touch_count,
    touched_at,
    ordered_at
from paired
