with attempts as (
    select
        subject_id as interaction_id, offers.customer_id, entry_number, activity as kind, channel, campaign,
        occurred_at as attempted_at, lost_at, returned_at as stay_ended_at, occurred_at + interval 60 day as window_ends_at
    from (from {{ ref('fct_customer_activities') }} as fct_customer_activities where activity = 'offer_sent') as offers
    inner join {{ ref('int_lost_stays') }} as lost_stays
        on offers.customer_id = lost_stays.customer_id and occurred_at >= lost_at
        and occurred_at < coalesce(returned_at, timestamp '{{ var("as_of") }}')
),
bought as (
    select
        interaction_id, count(*) as order_count, sum(net_amount) as net_revenue,
        min_by(order_id, order_number) as return_order_id, min(ordered_at) as returned_at
    from attempts
    inner join {{ ref('int_numbered') }} as numbered
        on attempts.customer_id = numbered.customer_id and ordered_at > attempted_at and ordered_at <= window_ends_at
    group by interaction_id
)
select
    attempts.interaction_id, 'generic' as source_system, customer_id, entry_number,
    (row_number() over stay)::integer as attempt_number, kind, channel, campaign,
    case when returned_at is not null then 'returned' when window_ends_at >= timestamp '{{ var("as_of") }}' then 'pending'
        else 'no_return' end as outcome,
    false as was_offer_taken, lead(1) over stay is null as is_last_attempt,
    floor((epoch(attempted_at) - epoch(lost_at)) / 86400)::integer as days_lost_at_attempt,
    floor((epoch(returned_at) - epoch(attempted_at)) / 86400)::integer as days_to_return,
    case when returned_at is not null then 'generic' end as return_order_source_system, return_order_id,
    coalesce(order_count, 0)::integer as order_count_in_window,
    coalesce(net_revenue, 0)::decimal(18, 2) as net_revenue_in_window, 'EUR' as currency_code, attempted_at, lost_at,
    window_ends_at, returned_at
from attempts
left join bought using (interaction_id)
window stay as (partition by customer_id, entry_number order by attempted_at, attempts.interaction_id)
