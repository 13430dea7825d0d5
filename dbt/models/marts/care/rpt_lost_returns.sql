-- Grain: kind of lapse window, months since the loss. An interval that is still open counts until
-- as_of (Kaplan and Meier 1958). A month is 30 days. Not additive over months or kinds of window.
with intervals as (
    select
        intervals.customer_id,
        case
            when intervals.order_count_at_loss < greatest(thresholds.lapse_minimum_orders, 2)
                then 'default'
            else 'own'
        end as lapse_window,
        {{ whole_quotient(
            seconds_between('intervals.lost_at', 'coalesce(intervals.returned_at, ' ~ as_of() ~ ')'),
            '86400'
        ) }} as day_number,
        case when intervals.is_current then 0 else 1 end as is_returned
    from {{ ref('int_lost_intervals') }} as intervals
    cross join {{ ref('int_thresholds') }} as thresholds
),

kinds as (
    {%- for kind in ['default', 'own'] %}
    select '{{ kind }}' as lapse_window, '{{ kind }}' as of_kind
    union all
    select 'all' as lapse_window, '{{ kind }}' as of_kind
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

days as (
    select
        kinds.lapse_window,
        intervals.day_number,
        count(*) as left_count,
        sum(intervals.is_returned) as returned_count
    from intervals
    inner join kinds
        on intervals.lapse_window = kinds.of_kind
    group by kinds.lapse_window, intervals.day_number
),

at_risk as (
    select
        *,
        sum(left_count) over (
            partition by lapse_window order by day_number desc
            rows between unbounded preceding and current row
        ) as at_risk_count
    from days
),

-- The logarithm of the share that is still away, and the sum of Greenwood (1926).
summed as (
    select
        lapse_window,
        day_number,
        left_count,
        returned_count,
        sum(cast(ln(greatest(
            1 - returned_count / cast(at_risk_count as double), 0.000000000001
        )) as decimal(38, 12))) over (
            partition by lapse_window order by day_number
            rows between unbounded preceding and current row
        ) as log_away,
        sum(cast(returned_count / (
            at_risk_count * greatest(at_risk_count - returned_count, cast(0.5 as double))
        ) as decimal(38, 12))) over (
            partition by lapse_window order by day_number
            rows between unbounded preceding and current row
        ) as greenwood_sum
    from at_risk
),

first_days as (
    select min(date_day) as first_day from {{ ref('dim_dates') }}
),

months as (
    select distinct {{ whole_quotient(
        days_between('first_days.first_day', 'dates.date_day'), '30'
    ) }} + 1 as months_since_loss
    from {{ ref('dim_dates') }} as dates
    cross join first_days
),

by_month as (
    select
        summed.lapse_window,
        months.months_since_loss,
        sum(case
            when summed.day_number >= 30 * (months.months_since_loss - 1) then summed.left_count
            else 0
        end) as at_risk_count,
        sum(case
            when summed.day_number < 30 * months.months_since_loss then summed.returned_count
            else 0
        end) as returned_count,
        coalesce(cast(min(case
            when summed.day_number < 30 * months.months_since_loss then summed.log_away
        end) as double), 0) as log_away,
        coalesce(cast(max(case
            when summed.day_number < 30 * months.months_since_loss then summed.greenwood_sum
        end) as double), 0) as greenwood_sum
    from summed
    cross join months
    group by summed.lapse_window, months.months_since_loss
),

-- The interval is normal for the logarithm of the cumulative hazard (Kalbfleisch and Prentice
-- 1980). Where nobody came back, its upper end is the exact one of a binomial share.
bounded as (
    select
        by_month.*,
        by_month.at_risk_count >= thresholds.return_minimum_intervals as is_known,
        (1 - cast(thresholds.interval_level as double)) / 2 as tail,
        {{ normal_deviation('((1 - cast(thresholds.interval_level as double)) / 2)') }}
        * sqrt(by_month.greenwood_sum) / nullif(-by_month.log_away, 0) as spread
    from by_month
    cross join {{ ref('int_thresholds') }} as thresholds
    where by_month.at_risk_count > 0
)

select
    lapse_window,
    cast(months_since_loss as integer) as months_since_loss,
    cast(at_risk_count as integer) as at_risk_interval_count,
    cast(returned_count as integer) as returned_interval_count,
    case when is_known then {{ quantity('1 - exp(log_away)') }} end as return_share,
    case
        when is_known
            then {{ quantity('coalesce(1 - exp(log_away * exp(-spread)), 0)') }}
    end as return_share_low,
    case
        when is_known
            then {{ quantity(
                'coalesce(1 - exp(log_away * exp(spread)), 1 - power(tail, 1.0 / at_risk_count))'
            ) }}
    end as return_share_high,
    case when not is_known then 'too_few' end as reason_code
from bounded
