{# The query of a table customers_in_<stage>: the customers in the stage at as_of, with the next care action and the
   stage's own indicators (columns of int_customer_indicators). #}
{% macro stage_table(lifecycle, stage, indicators) %}
with current_stage as (
    select
        customer_id,
        entered_by,
        evidence_activity_key,
        previous_stage,
        entry_number,
        valid_from
    from {{ ref('int_customer_current_stages') }}
    where
        lifecycle = '{{ lifecycle }}'
        and stage = '{{ stage }}'
),

customers as (
    select
        customer_id,
        persona,
        country_code,
        acquisition_channel,
        relationship_strength,
        is_marketable
    from {{ ref('dim_customers') }}
),

care as (
    {{ next_care_actions(lifecycle) }}
)

select
    current_stage.customer_id,
    customers.persona,
    customers.country_code,
    customers.acquisition_channel,
    current_stage.entered_by,
    current_stage.evidence_activity_key,
    current_stage.previous_stage,
    current_stage.entry_number,
    care.action as next_care_action,
    care.due_date as care_due_date,
    customers.is_marketable,
    customers.relationship_strength,
    cast(floor({{ seconds_between('current_stage.valid_from', as_of()) }} / 86400) as integer) as days_in_stage,
    {%- for indicator in indicators %}
    indicators.{{ indicator }},
    {%- endfor %}
    current_stage.valid_from as stage_since
from current_stage
inner join customers on current_stage.customer_id = customers.customer_id
inner join {{ ref('int_customer_indicators') }} as indicators
    on current_stage.customer_id = indicators.customer_id
inner join care on current_stage.customer_id = care.customer_id
{% endmacro %}

{# The next care action of a lifecycle, one row per customer. #}
{% macro next_care_actions(lifecycle) %}
    select
        customer_id,
        action,
        due_date
    from {{ ref('fct_care_actions') }}
    where
        lifecycle = '{{ lifecycle }}'
        and is_next
{% endmacro %}
