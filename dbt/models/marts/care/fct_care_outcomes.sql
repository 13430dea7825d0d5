-- Grain: lifecycle, stage, care action. Compares stage intervals with and without the action.
-- Customers were not assigned at random, so the difference is not an effect. A customer may have
-- several intervals.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set groups = {'treated': 'was_treated', 'untreated': 'not was_treated'} %}
with actions as (
    select lifecycle, stage, care_action, condition, priority
    from {{ ref('care_actions') }}
    where lifecycle in ({{ lifecycle_codes() }})
),

due as (
    select lifecycle, stage, action, count(*) as recommended_customer_count
    from {{ ref('fct_care_actions') }}
    group by lifecycle, stage, action
),

intervals as (
    select
        lifecycle,
        stage,
        care_action,
        {%- for group, condition in groups.items() %}
        sum(case when {{ condition }} then 1 else 0 end) as {{ group }}_interval_count,
        count(distinct case when {{ condition }} then customer_id end)
            as {{ group }}_customer_count,
        sum(case when {{ condition }} and order_count > 0 then 1 else 0 end)
            as {{ group }}_ordered_interval_count,
        sum(case when {{ condition }} then net_revenue else 0 end) as {{ group }}_net_revenue
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_care_intervals') }}
    group by lifecycle, stage, care_action
),

rated as (
    select
        actions.lifecycle,
        actions.stage,
        actions.care_action as action,
        actions.condition,
        actions.priority,
        coalesce(due.recommended_customer_count, 0) as recommended_customer_count,
        {%- for group in groups %}
        {%- for count in [
            'interval_count', 'customer_count', 'ordered_interval_count', 'net_revenue',
        ] %}
        coalesce(intervals.{{ group }}_{{ count }}, 0) as {{ group }}_{{ count }},
        {%- endfor %}
        {{ mean(
            'intervals.' ~ group ~ '_ordered_interval_count',
            'intervals.' ~ group ~ '_interval_count'
        ) }}
            as {{ group }}_order_rate
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from actions
    left join due
        on actions.lifecycle = due.lifecycle
        and actions.stage = due.stage
        and actions.care_action = due.action
    left join intervals
        on actions.lifecycle = intervals.lifecycle
        and actions.stage = intervals.stage
        and actions.care_action = intervals.care_action
)

select
    rated.lifecycle,
    rated.stage,
    rated.action,
    rated.condition,
    rated.priority,
    cast(rated.recommended_customer_count as integer) as recommended_customer_count,
    {%- for group in groups %}
    cast(rated.{{ group }}_interval_count as integer) as {{ group }}_interval_count,
    cast(rated.{{ group }}_customer_count as integer) as {{ group }}_customer_count,
    cast(rated.{{ group }}_ordered_interval_count as integer) as {{ group }}_ordered_interval_count,
    rated.{{ group }}_order_rate,
    {{ money('rated.' ~ group ~ '_net_revenue') }} as {{ group }}_net_revenue,
    {%- endfor %}
    {{ quantity('rated.treated_order_rate - rated.untreated_order_rate') }}
        as order_rate_difference,
    reporting.currency_code
from rated
cross join {{ ref('int_reporting_currency') }} as reporting
