-- One row per kind of customer (one order or more) and band of days since the loss: how many stays in `lost`
-- reached the band and were watched for the whole horizon after its start, and how many of them ended in
-- an order within it. Each stay counts once in every band that it reached.
with thresholds as (
    select
        cast(return_band_days as integer) as band_days,
        cast(return_horizon_days as integer) as horizon_days,
        return_minimum_intervals
    from {{ ref('int_thresholds') }}
),

stays as (
    select
        stays.order_count_at_loss > 1 as is_repeat_buyer,
        stays.lost_at,
        stays.returned_at,
        {{ whole_quotient(
            seconds_between('stays.lost_at', as_of()), '86400 * thresholds.band_days'
        ) }} as last_band
    from {{ ref('int_lost_intervals') }} as stays
    cross join thresholds
),

bands as (
    select distinct last_band as days_lost_band from stays
),

watched as (
    select
        stays.is_repeat_buyer,
        bands.days_lost_band,
        thresholds.return_minimum_intervals,
        case
            when
                stays.returned_at
                <= {{ days_after('stays.lost_at', 'bands.days_lost_band * thresholds.band_days + thresholds.horizon_days') }}
                then 1
            else 0
        end as returned
    from stays
    cross join thresholds
    inner join bands
        on stays.last_band >= bands.days_lost_band
    where
        {{ days_after('stays.lost_at', 'bands.days_lost_band * thresholds.band_days + thresholds.horizon_days') }}
        < {{ as_of() }}
        and (
            stays.returned_at is null
            or stays.returned_at
            > {{ days_after('stays.lost_at', 'bands.days_lost_band * thresholds.band_days') }}
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
