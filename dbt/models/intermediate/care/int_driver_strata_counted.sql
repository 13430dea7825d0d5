-- One row per outcome, condition and stratum: how many orders had the outcome (cases) and how many
-- did not (others), and how many of each with the condition. A stratum holds orders of customers at
-- the same moment of their lives: the same number of the order, as many orders of late, the same
-- quarter. Conditions that are not known at the order count those who still had not ordered by the
-- landmark.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set conditions = driver_conditions() %}
{% set stratum = 'order_number_band, recent_order_count, quarter' %}
with counted as (
    select
        {{ stratum }},
        is_lost,
        count(*) as at_order_count,
        sum(case when is_waiting then 1 else 0 end) as waiting_count
        {%- for each in conditions %},
        sum(case when has_{{ each.condition }}
            {%- if not each.at_order %} and is_waiting{% endif %} then 1 else 0 end)
            as {{ each.condition }}_count
        {%- endfor %}
    from {{ ref('int_driver_orders_observed') }}
    group by {{ stratum }}, is_lost
),

listed as (
    {%- for each in conditions %}
    select
        {{ stratum }}, is_lost, '{{ each.condition }}' as condition,
        {{ 'at_order_count' if each.at_order else 'waiting_count' }} as order_count,
        {{ each.condition }}_count as with_condition_count
    from counted
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

outcomes as (
    {%- for each in driver_conditions('lost') %}
    select 'lost' as outcome, '{{ each.condition }}' as condition
    union all
    {%- endfor %}
    {%- for each in driver_conditions('second_order') %}
    select 'second_order' as outcome, '{{ each.condition }}' as condition
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

judged as (
    select
        outcomes.outcome,
        listed.condition,
        listed.order_number_band,
        listed.recent_order_count,
        listed.quarter,
        listed.order_count,
        listed.with_condition_count,
        listed.is_lost = (outcomes.outcome = 'lost') as is_case
    from listed
    inner join outcomes
        on listed.condition = outcomes.condition
    where outcomes.outcome = 'lost' or listed.order_number_band = 1
)

select
    outcome,
    condition,
    {{ stratum }},
    sum(case when is_case then order_count else 0 end) as case_count,
    sum(case when is_case then with_condition_count else 0 end) as case_with_count,
    sum(case when is_case then 0 else order_count end) as other_count,
    sum(case when is_case then 0 else with_condition_count end) as other_with_count
from judged
group by outcome, condition, {{ stratum }}
