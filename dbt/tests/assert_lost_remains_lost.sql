-- Few of the customers who were called lost came back, within lost_return_months or for as long as
-- enough of them could be followed. A warning: the windows are settings, and `lifecycle calibrate`
-- proposes others.
{{ config(
    meta={'dagster': {'ref': {'name': 'rpt_lost_returns'}}, 'shows': ['months_since_loss', 'return_share']},
    severity='warn', fail_calc='coalesce(sum(returned_interval_count), 0)',
) }}
with known as (
    select
        returns.months_since_loss,
        returns.returned_interval_count,
        returns.return_share,
        row_number() over (
            partition by returns.lapse_window
            order by returns.months_since_loss desc, returns.lapse_window asc
        ) as newness
    from {{ ref('rpt_lost_returns') }} as returns
    cross join {{ ref('int_thresholds') }} as thresholds
    where
        returns.lapse_window = 'all'
        and returns.return_share is not null
        and returns.months_since_loss <= thresholds.lost_return_months
)

select
    known.months_since_loss,
    known.returned_interval_count,
    known.return_share
from known
cross join {{ ref('int_thresholds') }} as thresholds
where
    known.newness = 1
    and known.return_share > thresholds.lost_return_share
