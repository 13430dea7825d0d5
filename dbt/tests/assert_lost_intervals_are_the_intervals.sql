-- The lost intervals behind reasons and win-backs are exactly the intervals in `lost` of
-- fct_customer_stage_intervals, which are derived in another way.
{{ config(meta={'dagster': {'ref': {'name': 'fct_churn_reasons'}}}) }}
with intervals as (
    select customer_id, entry_number, valid_from, valid_to
    from {{ ref('fct_customer_stage_intervals') }}
    where
        lifecycle = 'relationship'
        and stage = 'lost'
        {{ of_affected_customers('customer_id') }}
),

lost as (
    select distinct customer_id, entry_number, lost_at, returned_at
    from {{ ref('fct_churn_reasons') }}
    where true {{ of_affected_customers('customer_id') }}
)

select
    coalesce(intervals.customer_id, lost.customer_id) as customer_id,
    intervals.valid_from,
    lost.lost_at,
    intervals.valid_to,
    lost.returned_at
from intervals
full outer join lost
    on intervals.customer_id = lost.customer_id
    and intervals.entry_number = lost.entry_number
where
    intervals.customer_id is null
    or lost.customer_id is null
    or intervals.valid_from <> lost.lost_at
    or coalesce(intervals.valid_to, {{ as_of() }}) <> coalesce(lost.returned_at, {{ as_of() }})
