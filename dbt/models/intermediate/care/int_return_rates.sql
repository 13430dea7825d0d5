-- One row per kind of customer (one order, or more) and band of days since the loss: how many lost
-- intervals reached the band and were observed for the whole horizon after its start, and how many
-- of them ended in an order within it. An interval counts once in every band that it reached.
{% set horizon = 'bands.days_lost_band * thresholds.band_days + thresholds.horizon_days' %}
with thresholds as (
    select
        cast(return_band_days as integer) as band_days,
        cast(return_horizon_days as integer) as horizon_days,
        return_minimum_intervals
    from {{ ref('int_thresholds') }}
),

intervals as (
    select
        intervals.order_count_at_loss > 1 as is_repeat_buyer,
        intervals.lost_at,
        intervals.returned_at,
        {{ whole_quotient(
            seconds_between('intervals.lost_at', as_of()), '86400 * thresholds.band_days'
        ) }} as last_band
    from {{ ref('int_lost_intervals') }} as intervals
    cross join thresholds
),

bands as (
    select distinct last_band as days_lost_band from intervals
),

watched as (
    select
        intervals.is_repeat_buyer,
        bands.days_lost_band,
        thresholds.return_minimum_intervals,
        case
            when
                intervals.returned_at
                <= {{ days_after('intervals.lost_at', horizon) }}
                then 1
            else 0
        end as returned
    from intervals
    cross join thresholds
    inner join bands
        on intervals.last_band >= bands.days_lost_band
    where
        {{ days_after('intervals.lost_at', horizon) }}
        < {{ as_of() }}
        and (
            intervals.returned_at is null
            or intervals.returned_at
            > {{ days_after('intervals.lost_at', 'bands.days_lost_band * thresholds.band_days') }}
        )
)

select
    is_repeat_buyer,
    cast(days_lost_band as integer) as days_lost_band,
    cast(count(*) as integer) as comparable_interval_count,
    cast(sum(returned) as integer) as returned_interval_count,
    case
        when count(*) >= max(return_minimum_intervals)
            then {{ mean('sum(returned)', 'count(*)') }}
    end as return_rate
from watched
group by is_repeat_buyer, days_lost_band
