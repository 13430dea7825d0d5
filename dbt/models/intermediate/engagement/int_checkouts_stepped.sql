-- One row per checkout started before as_of, also unidentified ones: the steps it reached, and
-- whether it became an order, was abandoned or is open. A step counts as reached if a later step
-- was reached.
with checkouts as (
    select
        checkouts.source_system,
        checkouts.checkout_id,
        customers.customer_id,
        checkouts.started_at,
        case when checkouts.shipping_at < {{ as_of() }} then checkouts.shipping_at end
            as shipping_at,
        case when checkouts.payment_at < {{ as_of() }} then checkouts.payment_at end as payment_at,
        case when checkouts.abandoned_at < {{ as_of() }} then checkouts.abandoned_at end
            as abandoned_at,
        coalesce(
            case when checkouts.completed_at < {{ as_of() }} then checkouts.completed_at end,
            orders.ordered_at
        ) as placed_at,
        {{ days_after('checkouts.started_at', 'thresholds.checkout_open_days') }} as open_until,
        thresholds.cart_recovery_days
    from {{ ref('input_checkouts') }} as checkouts
    cross join {{ ref('int_thresholds') }} as thresholds
    left join {{ ref('int_person_keys_resolved') }} as customers
        on checkouts.person_key = customers.person_key
    left join {{ ref('int_orders_totalled') }} as orders
        on checkouts.source_system = orders.source_system
        and checkouts.order_id = orders.order_id
    where
        checkouts.started_at < {{ as_of() }}
        and checkouts.deleted_at is null
),

stepped as (
    select
        *,
        case
            when placed_at is not null then 4
            when payment_at is not null then 3
            when shipping_at is not null then 2
            else 1
        end as furthest_step,
        case
            when placed_at is null and (abandoned_at is not null or open_until <= {{ as_of() }})
                then coalesce(
                        abandoned_at,
                        greatest(
                            started_at,
                            coalesce(shipping_at, started_at),
                            coalesce(payment_at, started_at)
                        )
                    )
        end as given_up_at
    from checkouts
),

recovered as (
    select distinct stepped.source_system, stepped.checkout_id
    from stepped
    inner join {{ ref('int_orders_numbered') }} as orders
        on stepped.customer_id = orders.customer_id
        and stepped.given_up_at < orders.ordered_at
        and {{ days_after('stepped.given_up_at', 'stepped.cart_recovery_days') }}
        >= orders.ordered_at
)

select
    stepped.source_system,
    stepped.checkout_id,
    stepped.customer_id,
    cast(stepped.furthest_step as integer) as furthest_step,
    stepped.given_up_at is not null as was_given_up,
    recovered.checkout_id is not null as was_recovered,
    stepped.started_at,
    stepped.shipping_at,
    stepped.payment_at,
    stepped.placed_at,
    stepped.given_up_at
from stepped
left join recovered
    on stepped.source_system = recovered.source_system
    and stepped.checkout_id = recovered.checkout_id
