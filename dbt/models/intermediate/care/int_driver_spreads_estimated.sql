-- One row per outcome and condition: the variance of the case weight less the lift times the other
-- weight, whose expectation is 0, from how each customer contributes to it. A customer has several
-- orders and their conditions recur, so that orders of one customer are summed before they are
-- squared (robust to clusters: Liang and Zeger 1986). Of second orders each customer has one.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set conditions = driver_conditions('lost') %}
{% set stratum = ['order_number_band', 'recent_order_count', 'quarter'] %}
-- The share expected among the others of a stratum, if the lift is the same in all strata.
with expected as (
    select
        strata.*,
        lifts.lift,
        least(
            (strata.case_with_count + strata.other_with_count)
            / (strata.other_count + lifts.lift * strata.case_count), 1
        ) as expected_share,
        cast(strata.case_count as double) / (strata.case_count + strata.other_count) as case_share,
        -- Two orders of one stratum are not independent: its total is given.
        sqrt(
            cast(strata.case_count + strata.other_count as double)
            / (strata.case_count + strata.other_count - 1)
        ) as correction
    from {{ ref('int_driver_strata_counted') }} as strata
    inner join {{ ref('int_driver_lifts_estimated') }} as lifts
        on strata.outcome = lifts.outcome
        and strata.condition = lifts.condition
    where
        strata.case_count > 0
        and strata.other_count > 0
),

-- What one order contributes.
coefficients as (
    select
        *,
        correction * (1 - case_share) * (1 - least(lift * expected_share, 1)) as case_with,
        -correction * (1 - case_share) * least(lift * expected_share, 1) as case_without,
        -correction * lift * case_share * (1 - expected_share) as other_with,
        correction * lift * case_share * expected_share as other_without
    from expected
),

second_orders as (
    select
        outcome,
        condition,
        {{ exact_sum('case_with_count * case_with * case_with
            + (case_count - case_with_count) * case_without * case_without
            + other_with_count * other_with * other_with
            + (other_count - other_with_count) * other_without * other_without') }} as variance,
        sum(case_with_count) as case_customer_count
    from coefficients
    where outcome = 'second_order'
    group by outcome, condition
),

of_strata as (
    select
        {{ stratum | join(', ') }}
        {%- for each in conditions %}
        {%- for part in ['case_with', 'case_without', 'other_with', 'other_without'] %},
        max(case when condition = '{{ each.condition }}' then {{ part }} end)
            as {{ each.condition }}_{{ part }}
        {%- endfor %}
        {%- endfor %}
    from coefficients
    where outcome = 'lost'
    group by {{ stratum | join(', ') }}
),

customers as (
    select
        orders.customer_id
        {%- for each in conditions %}
        {%- set name = each.condition %},
        {{ exact_sum('case
            when orders.is_lost and orders.has_' ~ name ~ ' then of_strata.' ~ name ~ '_case_with
            when orders.is_lost then of_strata.' ~ name ~ '_case_without
            when ' ~ ('false' if each.at_order else 'not orders.is_waiting') ~ ' then 0
            when orders.has_' ~ name ~ ' then of_strata.' ~ name ~ '_other_with
            else of_strata.' ~ name ~ '_other_without
        end') }} as {{ name }},
        max(case
            when
                orders.is_lost and orders.has_{{ name }}
                and of_strata.{{ name }}_case_with is not null
                then 1
            else 0
        end) as has_{{ name }}
        {%- endfor %}
    from {{ ref('int_driver_orders_observed') }} as orders
    inner join of_strata
        on orders.order_number_band = of_strata.order_number_band
        and orders.recent_order_count = of_strata.recent_order_count
        and orders.quarter = of_strata.quarter
    group by orders.customer_id
),

summed as (
    select
        {%- for each in conditions %}
        {{ exact_sum(each.condition ~ ' * ' ~ each.condition) }} as {{ each.condition }},
        sum(has_{{ each.condition }}) as has_{{ each.condition }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from customers
)

select * from second_orders
{%- for each in conditions %}
union all
select
    'lost' as outcome, '{{ each.condition }}' as condition,
    coalesce({{ each.condition }}, 0) as variance,
    coalesce(has_{{ each.condition }}, 0) as case_customer_count
from summed
{%- endfor %}
