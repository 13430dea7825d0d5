-- Protects what is said of lost customers: the stays that reasons and win-backs hang on are exactly the stays in
-- `lost` of fct_customer_stage_intervals, which are found by another way.
{{ config(meta={'dagster': {'ref': {'name': 'fct_churn_reasons'}}}) }}
with intervals as (
    select customer_id, entry_number, valid_from, valid_to
    from {{ ref('fct_customer_stage_intervals') }}
    where
        lifecycle = 'relationship'
        and stage = 'lost'
        {{ of_affected_customers('customer_id') }}
),

stays as (
    select distinct customer_id, entry_number, lost_at, returned_at
    from {{ ref('fct_churn_reasons') }}
    where true {{ of_affected_customers('customer_id') }}
)

select
    coalesce(intervals.customer_id, stays.customer_id) as customer_id,
    intervals.valid_from,
    stays.lost_at,
    intervals.valid_to,
    stays.returned_at
from intervals
full outer join stays
    on intervals.customer_id = stays.customer_id
    and intervals.entry_number = stays.entry_number
where
    intervals.customer_id is null
    or stays.customer_id is null
    or intervals.valid_from <> stays.lost_at
    or coalesce(intervals.valid_to, {{ as_of() }}) <> coalesce(stays.returned_at, {{ as_of() }})
