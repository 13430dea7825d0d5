-- One row per checkout of an identified customer before as_of, with the time at which it stopped
-- being open: its abandonment or completion, or the customer's next order or delivery, whichever
-- came first. The order id on the checkout is not used, because that order may not have been placed
-- at the time.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with checkouts as (
    select
        checkouts.source_system,
        checkouts.checkout_id,
        customers.customer_id,
        checkouts.started_at,
        least(
            coalesce(checkouts.abandoned_at, {{ never() }}),
            coalesce(checkouts.completed_at, {{ never() }})
        ) as ended_at
    from {{ ref('input_checkouts') }} as checkouts
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on checkouts.person_key = customers.person_key
    where
        checkouts.started_at < {{ as_of() }}
        and checkouts.deleted_at is null
        {{ only_affected('customers.customer_id', 'int_affected_customers') }}
),

moments as (
    select
        customer_id,
        started_at as happened_at,
        source_system,
        checkout_id,
        ended_at,
        cast(null as timestamp) as ordered_or_delivered_at
    from checkouts
    union all
    select
        activities.customer_id,
        activities.occurred_at as happened_at,
        activities.source_system,
        cast(null as {{ dbt.type_string() }}) as checkout_id,
        cast(null as timestamp) as ended_at,
        activities.occurred_at as ordered_or_delivered_at
    from {{ ref('int_order_activities') }} as activities
    where
        activities.activity in ('order_placed', 'order_delivered')
        and activities.customer_id in (select checkouts.customer_id from checkouts)
),

followed as (
    select
        *,
        min(ordered_or_delivered_at) over (
            partition by customer_id
            order by happened_at
            range between current row and unbounded following
        ) as next_order_or_delivery_at
    from moments
)

select
    source_system,
    checkout_id,
    customer_id,
    happened_at as started_at,
    greatest(least(ended_at, coalesce(next_order_or_delivery_at, {{ never() }})), happened_at)
        as closed_at,
    ended_at <= coalesce(next_order_or_delivery_at, {{ never() }}) as was_ended_by_itself
from followed
where checkout_id is not null
