-- Grain: win-back attempt, an offer sent to a customer while lost. The return and its revenue
-- appear on every attempt whose window contains it. For totals, use only the attempts with
-- is_last_attempt.
with intervals as (
    select customer_id, entry_number, order_count_at_loss, lost_at, returned_at
    from {{ ref('int_lost_intervals') }}
),

offers as (
    select source_system, interaction_id, customer_id, kind, channel, campaign, occurred_at
    from {{ ref('int_interactions_resolved') }}
    where kind in ('win_back_offer', 'offer_sent')
),

attempts as (
    select
        offers.source_system,
        offers.interaction_id,
        offers.customer_id,
        intervals.entry_number,
        intervals.order_count_at_loss,
        offers.kind,
        offers.channel,
        offers.campaign,
        offers.occurred_at as attempted_at,
        intervals.lost_at,
        intervals.returned_at as interval_ended_at,
        {{ days_after('offers.occurred_at', 'thresholds.win_back_days') }} as window_ends_at,
        row_number() over (
            partition by offers.customer_id, intervals.entry_number
            order by offers.occurred_at, offers.source_system, offers.interaction_id
        ) as attempt_number,
        row_number() over (
            partition by offers.customer_id, intervals.entry_number
            order by offers.occurred_at desc, offers.source_system desc, offers.interaction_id desc
        ) as attempts_left
    from offers
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join intervals
        on offers.customer_id = intervals.customer_id
        and offers.occurred_at >= intervals.lost_at
        and offers.occurred_at < coalesce(intervals.returned_at, {{ as_of() }})
),

orders as (
    select source_system, order_id, customer_id, customer_order_number, net_amount, ordered_at
    from {{ ref('int_orders_numbered') }}
),

revenues as (
    select
        attempts.source_system,
        attempts.interaction_id,
        count(*) as order_count,
        sum(orders.net_amount) as net_revenue
    from attempts
    inner join orders
        on attempts.customer_id = orders.customer_id
        and attempts.attempted_at < orders.ordered_at
        and attempts.window_ends_at >= orders.ordered_at
    group by attempts.source_system, attempts.interaction_id
),

taken as (
    select distinct attempts.source_system, attempts.interaction_id
    from attempts
    inner join {{ ref('int_interactions_resolved') }} as interactions
        on attempts.customer_id = interactions.customer_id
        and attempts.attempted_at <= interactions.occurred_at
        and attempts.window_ends_at >= interactions.occurred_at
    where interactions.kind = 'offer_taken'
)

select
    attempts.interaction_id,
    attempts.source_system,
    attempts.customer_id,
    attempts.entry_number,
    cast(attempts.attempt_number as integer) as attempt_number,
    attempts.kind,
    attempts.channel,
    attempts.campaign,
    case
        when attempts.interval_ended_at <= attempts.window_ends_at then 'returned'
        when attempts.window_ends_at >= {{ as_of() }} then 'pending'
        else 'no_return'
    end as outcome,
    taken.interaction_id is not null as was_offer_taken,
    attempts.attempts_left = 1 as is_last_attempt,
    cast(floor(
        {{ seconds_between('attempts.lost_at', 'attempts.attempted_at') }} / 86400
    ) as integer) as days_lost_at_attempt,
    case
        when attempts.interval_ended_at <= attempts.window_ends_at
            then cast(floor(
                    {{ seconds_between(
                        'attempts.attempted_at', 'attempts.interval_ended_at'
                    ) }} / 86400
                ) as integer)
    end as days_to_return,
    returns.source_system as return_order_source_system,
    returns.order_id as return_order_id,
    cast(coalesce(revenues.order_count, 0) as integer) as order_count_in_window,
    {{ money('coalesce(revenues.net_revenue, 0)') }} as net_revenue_in_window,
    currency.currency_code,
    attempts.attempted_at,
    attempts.lost_at,
    attempts.window_ends_at,
    returns.ordered_at as returned_at
from attempts
cross join {{ ref('int_reporting_currency') }} as currency
left join orders as returns
    on attempts.customer_id = returns.customer_id
    and attempts.order_count_at_loss + 1 = returns.customer_order_number
    and attempts.window_ends_at >= returns.ordered_at
left join revenues
    on attempts.source_system = revenues.source_system
    and attempts.interaction_id = revenues.interaction_id
left join taken
    on attempts.source_system = taken.source_system
    and attempts.interaction_id = taken.interaction_id
