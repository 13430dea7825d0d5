-- One row per checkout of an identified customer whose decision window is over: whether the
-- customer used chat or a ticket around its start and before the order, and whether a counted order
-- followed.
with decisions as (
    select
        checkouts.source_system,
        checkouts.checkout_id,
        checkouts.customer_id,
        checkouts.started_at,
        {{ days_after('checkouts.started_at', '-thresholds.decision_window_days') }}
            as window_starts_at,
        {{ days_after('checkouts.started_at', 'thresholds.decision_window_days') }}
            as window_ends_at
    from {{ ref('int_checkouts_stepped') }} as checkouts
    cross join {{ ref('int_thresholds') }} as thresholds
    where checkouts.customer_id is not null
),

ended as (
    select * from decisions
    where window_ends_at <= {{ as_of() }}
),

decided as (
    select
        ended.source_system,
        ended.checkout_id,
        ended.customer_id,
        ended.started_at,
        ended.window_starts_at,
        ended.window_ends_at,
        min(orders.ordered_at) as ordered_at
    from ended
    left join {{ ref('int_orders_numbered') }} as orders
        on ended.customer_id = orders.customer_id
        and ended.started_at <= orders.ordered_at
        and ended.window_ends_at > orders.ordered_at
    group by
        ended.source_system, ended.checkout_id, ended.customer_id, ended.started_at,
        ended.window_starts_at, ended.window_ends_at
),

support as (
    select customer_id, occurred_at
    from {{ ref('int_interactions_resolved') }}
    where
        kind = 'chat'
        and not is_outbound
        and customer_id is not null
    union all
    select customer_id, occurred_at
    from {{ ref('int_customer_activities') }}
    where activity = 'ticket_opened'
),

supported as (
    select distinct decided.source_system, decided.checkout_id
    from decided
    inner join support
        on decided.customer_id = support.customer_id
        and decided.window_starts_at <= support.occurred_at
        and coalesce(decided.ordered_at, decided.window_ends_at) > support.occurred_at
)

select
    decided.source_system,
    decided.checkout_id,
    decided.customer_id,
    supported.checkout_id is not null as was_supported,
    decided.ordered_at is not null as has_converted,
    decided.started_at
from decided
left join supported
    on decided.source_system = supported.source_system
    and decided.checkout_id = supported.checkout_id
