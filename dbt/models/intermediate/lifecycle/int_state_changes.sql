-- One row per change of a customer's state: an activity, or a moment at which time alone changes
-- the state (a lapse window ends, an order leaves the loyalty window). Each column is the change of
-- one count.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with orders as (
    select
        valued.customer_id,
        valued.ordered_at,
        valued.delivered_at,
        valued.is_void,
        valued.is_counted,
        numbered.customer_order_number,
        numbered.next_ordered_at,
        numbered.lapse_ends_at,
        numbered.leaves_loyalty_window_at,
        lag(numbered.lapse_ends_at) over (
            partition by valued.customer_id, valued.is_counted
            order by
                numbered.customer_order_number,
                valued.ordered_at,
                valued.source_system,
                valued.order_id
        ) as previous_lapse_ends_at
    from {{ ref('int_orders_valued') }} as valued
    left join {{ ref('int_orders_numbered') }} as numbered
        on valued.source_system = numbered.source_system
        and valued.order_id = numbered.order_id
    where
        valued.customer_id is not null
        {{ only_affected('valued.customer_id', 'int_affected_customers') }}
),

delivered_orders as (
    select *
    from orders
    where delivered_at is not null
),

orders_left_window as (
    select *
    from orders
    where leaves_loyalty_window_at < {{ as_of() }}
),

lapsed_orders as (
    select *
    from orders
    where
        lapse_ends_at < {{ as_of() }}
        and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
),

checkouts as (
    select
        customer_id,
        started_at,
        closed_at,
        was_ended_by_itself
    from {{ ref('int_checkouts_opened') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

closed_checkouts as (
    select *
    from checkouts
    where closed_at > started_at and closed_at < {{ as_of() }}
),

activities as (
    select
        customer_id,
        activity,
        is_touch,
        is_inquiry,
        is_advocacy_signal,
        is_negative_opinion,
        occurred_at
    from {{ ref('int_customer_activities') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

first_times as (
    select
        customer_id,
        min(case when is_touch then occurred_at end) as first_touch_at,
        min(case when activity = 'order_placed' then occurred_at end) as first_order_placed_at
    from activities
    group by customer_id
),

inquiries as (
    select
        activities.customer_id,
        activities.activity,
        activities.occurred_at
    from activities
    inner join first_times
        on activities.customer_id = first_times.customer_id
    where
        activities.is_inquiry
        or (
            activities.activity = 'ticket_opened'
            and (
                first_times.first_order_placed_at is null
                or activities.occurred_at < first_times.first_order_placed_at
            )
        )
),

advocacy_signals as (
    select customer_id, activity, occurred_at
    from activities
    where is_advocacy_signal
),

opinions as (
    select
        customer_id,
        occurred_at,
        min(activity) as activity,
        max(case when is_negative_opinion then 1 else 0 end) as is_negative
    from activities
    where is_negative_opinion is not null
    group by customer_id, occurred_at
),

opinion_changes as (
    select
        customer_id,
        activity,
        occurred_at,
        is_negative - lag(is_negative, 1, 0) over (
            partition by customer_id order by occurred_at
        ) as negative_opinions
    from opinions
),

first_touches as (
    select
        activities.customer_id,
        activities.activity,
        activities.occurred_at
    from activities
    inner join first_times
        on activities.customer_id = first_times.customer_id
        and activities.occurred_at = first_times.first_touch_at
    where activities.is_touch
)
{{ state_change('orders', "'order_placed'", 'ordered_at', {
    'placed_orders': '1',
    'counted_orders': 'case when is_counted then 1 else 0 end',
    'orders_in_window': 'case when is_counted then 1 else 0 end',
    'open_orders':
        'case when not is_void and (delivered_at is null or delivered_at > ordered_at)'
        ~ ' then 1 else 0 end',
    'lapses': 'case when previous_lapse_ends_at < ordered_at then -1 else 0 end',
}) }}
union all
{{ state_change('delivered_orders', "'order_delivered'", 'delivered_at', {
    'delivered_orders': '1',
    'open_orders': 'case when delivered_at > ordered_at then -1 else 0 end',
}) }}
union all
{{ state_change(
    'orders_left_window', "'loyalty_window_ended'", 'leaves_loyalty_window_at',
    {'orders_in_window': '-1'}
) }}
union all
{{ state_change('lapsed_orders', "'lapse_window_ended'", 'lapse_ends_at', {'lapses': '1'}) }}
union all
{{ state_change('checkouts', "'checkout_started'", 'started_at', {
    'started_checkouts': '1',
    'open_checkouts': 'case when closed_at > started_at then 1 else 0 end',
}) }}
union all
{{ state_change(
    'closed_checkouts', "case when was_ended_by_itself then 'checkout_closed' end", 'closed_at',
    {'open_checkouts': '-1'}
) }}
union all
{{ state_change('inquiries', 'activity', 'occurred_at', {'inquiries': '1'}) }}
union all
{{ state_change('advocacy_signals', 'activity', 'occurred_at', {'advocacy_signals': '1'}) }}
union all
{{ state_change(
    'opinion_changes', 'activity', 'occurred_at', {'negative_opinions': 'negative_opinions'}
) }}
union all
{{ state_change('first_touches', 'activity', 'occurred_at', {}) }}
