-- int_customer_current_stages contains exactly the current stage intervals of all customers and
-- lifecycles, each with the record that began it.
{{ config(meta={'dagster': {'ref': {'name': 'int_customer_current_stages'}}}) }}
with lasting as (
    select customer_id, lifecycle, stage, entry_number, valid_from
    from {{ ref('int_customer_stage_intervals') }}
    where valid_to is null
)

select
    coalesce(lasting.customer_id, kept.customer_id) as customer_id,
    coalesce(lasting.lifecycle, kept.lifecycle) as lifecycle,
    lasting.stage as lasting_stage,
    kept.stage as kept_stage
from lasting
full outer join {{ ref('int_customer_current_stages') }} as kept
    on lasting.customer_id = kept.customer_id
    and lasting.lifecycle = kept.lifecycle
    and lasting.stage = kept.stage
    and lasting.entry_number = kept.entry_number
    and lasting.valid_from = kept.valid_from
where
    lasting.customer_id is null
    or kept.customer_id is null
