-- Per lifecycle, the stage tables list every customer exactly once, in the stage that dim_customers
-- shows, with the same entry time.
{{ config(meta={'dagster': {'ref': {'name': 'dim_customers'}}}) }}
{% set stage_tables = {
    'relationship': ['prospect', 'first_purchase', 'repeat_purchase', 'loyal', 'lost'],
    'journey': ['discovery', 'education', 'purchase', 'post_purchase_engagement', 'advocacy'],
} %}
with listed as (
    {%- for lifecycle, stages in stage_tables.items() %}
    {%- set is_last = loop.last %}
    {%- for stage in stages %}
    select customer_id, '{{ lifecycle }}' as lifecycle, '{{ stage }}' as stage, stage_since
    from {{ ref('customers_in_' ~ stage) }}
    {%- if not (loop.last and is_last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

expected as (
    select
        customer_id, 'relationship' as lifecycle, relationship_stage as stage,
        relationship_stage_since as stage_since
    from {{ ref('dim_customers') }}
    union all
    select
        customer_id, 'journey' as lifecycle, journey_stage as stage,
        journey_stage_since as stage_since
    from {{ ref('dim_customers') }}
),

counted as (
    select customer_id, lifecycle, stage, stage_since, count(*) as row_count
    from listed
    group by customer_id, lifecycle, stage, stage_since
)

select
    coalesce(expected.lifecycle, counted.lifecycle) as lifecycle,
    coalesce(expected.stage, counted.stage) as stage,
    case
        when counted.customer_id is null then 'missing from the stage table'
        when expected.customer_id is null then 'in a stage table and not in that stage'
        else 'in the stage table more than once'
    end as violation
from expected
full outer join counted
    on expected.customer_id = counted.customer_id
    and expected.lifecycle = counted.lifecycle
    and expected.stage = counted.stage
    and expected.stage_since = counted.stage_since
where
    expected.customer_id is null
    or counted.customer_id is null
    or counted.row_count <> 1
