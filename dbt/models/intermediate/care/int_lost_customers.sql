-- One row per customer who is lost at as_of: the reasons, the value at stake, the probability of
-- return and the offers since the loss.
with intervals as (
    select
        intervals.customer_id,
        intervals.entry_number,
        intervals.order_count_at_loss,
        intervals.value_at_stake,
        {{ whole_quotient(
            seconds_between('intervals.lost_at', as_of()),
            '86400 * cast(thresholds.return_band_days as integer)'
        ) }} as days_lost_band
    from {{ ref('int_lost_intervals') }} as intervals
    cross join {{ ref('int_thresholds') }} as thresholds
    where intervals.is_current
),

reasons as (
    select
        customer_id,
        max(case when reason_rank = 1 then reason end) as main_reason,
        max(case when is_stated and reason_rank = 1 then reason end) as stated_reason,
        {{ dbt.listagg('reason', "', '", 'order by reason_rank') }} as reasons
    from {{ ref('fct_churn_reasons') }}
    where is_current
    group by customer_id
),

attempts as (
    select
        customer_id,
        entry_number,
        count(*) as win_back_attempt_count,
        max(attempted_at) as last_win_back_at,
        max(case when is_last_attempt then outcome end) as last_win_back_outcome
    from {{ ref('fct_win_backs') }}
    group by customer_id, entry_number
)

select
    intervals.customer_id,
    reasons.main_reason,
    reasons.stated_reason,
    reasons.reasons,
    intervals.value_at_stake,
    rates.return_rate as return_probability,
    coalesce(rates.comparable_interval_count, 0) as comparable_interval_count,
    cast(coalesce(attempts.win_back_attempt_count, 0) as integer) as win_back_attempt_count,
    attempts.last_win_back_outcome,
    attempts.last_win_back_at
from intervals
left join reasons
    on intervals.customer_id = reasons.customer_id
left join {{ ref('int_return_rates') }} as rates
    on (intervals.order_count_at_loss > 1) = rates.is_repeat_buyer
    and intervals.days_lost_band = rates.days_lost_band
left join attempts
    on intervals.customer_id = attempts.customer_id
    and intervals.entry_number = attempts.entry_number
