with reasons as (
    select
        customer_id, max(reason) filter (reason_rank = 1) as main_reason, null::varchar as stated_reason,
        string_agg(reason, ', ' order by reason_rank) as reasons
    from {{ ref('fct_churn_reasons') }} as fct_churn_reasons
    where is_current
    group by customer_id
),
attempts as (
    select
        customer_id, entry_number, count(*)::integer as win_back_attempt_count,
        max(outcome) filter (is_last_attempt) as last_win_back_outcome, max(attempted_at) as last_win_back_at
    from {{ ref('fct_win_backs') }} as fct_win_backs
    group by customer_id, entry_number
)
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, indicators.last_order_at,
    days_since_last_order::integer as days_since_last_order, lapse_window_days, net_amount as lifetime_net_revenue,
    average_rating, nothing as open_ticket_count, late_delivery_count::integer as late_delivery_count,
    offer_sent_count::integer as offer_sent_count, nothing as offer_taken_count, nothing as win_back_offer_count,
    stage_since, main_reason, stated_reason, reasons, value_at_stake, return_rate as return_probability,
    coalesce(comparable_stay_count, 0)::integer as comparable_stay_count,
    coalesce(win_back_attempt_count, 0)::integer as win_back_attempt_count, last_win_back_outcome, last_win_back_at
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
inner join {{ ref('int_lost_stays') }} as lost_stays on beginnings.customer_id = lost_stays.customer_id and lost_stays.returned_at is null
left join reasons on beginnings.customer_id = reasons.customer_id
left join {{ ref('int_return_rates') }} as return_rates
    on (order_count_at_loss > 1) = return_rates.is_repeat_buyer and lost_stays.band = return_rates.band
left join attempts
    on lost_stays.customer_id = attempts.customer_id and lost_stays.entry_number = attempts.entry_number
where stage = 'lost'
