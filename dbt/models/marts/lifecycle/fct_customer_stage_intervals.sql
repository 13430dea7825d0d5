-- Grain: customer, lifecycle, stage interval. For each customer and lifecycle, the intervals
-- [valid_from, valid_to) follow one another without gap or overlap. The predicate of each stage is
-- in dbt/lifecycles.yml. A view, because int_customer_stage_intervals stores the rows.
{{ config(materialized='view', meta=changes_of(['customer_id'], 'int_affected_customers')) }}
select
    customer_id,
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    entered_by,
    entry_number,
    cast(floor(
        {{ seconds_between('valid_from', 'coalesce(valid_to, ' ~ as_of() ~ ')') }} / 86400
    ) as integer) as duration_days,
    valid_to is null as is_current,
    valid_from,
    valid_to
from {{ ref('int_customer_stage_intervals') }}
