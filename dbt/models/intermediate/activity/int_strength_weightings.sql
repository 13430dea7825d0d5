-- One row per weighting of the components of relationship strength and past date: how well the
-- strength would have ranked the buyers of that date by whether they came back. It is usable where
-- enough did and enough did not. Candidates are all weightings in steps of 20 of 100 points, each
-- component alone among them, and the one that is set (thresholds `strength_weight_…`), if any. The
-- AUC is the share of pairs of one who returned and one who did not in which the former has the
-- higher strength; equal ones count half.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set components = strength_components() %}
{% set weights = components | join('_weight, ') ~ '_weight' %}
{% set key = weights ~ ', is_set, origin_date' %}
{% set steps = 5 %}
with steps as (
    {%- for step in range(steps + 1) %}
    select {{ step * 100 // steps }} as points
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

weightings as (
    select
        {%- for component in components %}
        {{ component }}.points as {{ component }}_weight,
        {%- endfor %}
        false as is_set
    from steps as {{ components | first }}
    {%- for component in (components | list)[1:] %}
    cross join steps as {{ component }}
    {%- endfor %}
    where
        {% for component in components %}{{ component }}.points
        {%- if not loop.last %} + {% endif %}{% endfor %} = 100
    union all
    select
        {%- for component in components %}
        cast(strength_weight_{{ component }} as integer) as {{ component }}_weight,
        {%- endfor %}
        true as is_set
    from {{ ref('int_thresholds') }}
    where
        {% for component in components %}strength_weight_{{ component }}
        {%- if not loop.last %} + {% endif %}{% endfor %} > 0
),

buyers as (
    select
        inputs.origin_date,
        inputs.has_returned,
        {%- for component in components %}
        {{ strength_share(component) }} as {{ component }}_share
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_strength_histories') }} as inputs
    inner join {{ ref('int_strength_scales') }} as scales
        on inputs.origin_date = scales.origin_date
    cross join {{ ref('int_thresholds') }} as thresholds
    where not inputs.is_now
),

scored as (
    select
        weightings.*,
        buyers.origin_date,
        buyers.has_returned,
        {% for component in components -%}
        {{ strength_points(
            'weightings.' ~ component ~ '_weight', 'buyers.' ~ component ~ '_share'
        ) }}
        {%- if not loop.last %} + {% endif %}
        {%- endfor %} as strength
    from buyers
    cross join weightings
),

counted as (
    select
        {{ key }},
        strength,
        count(*) as customer_count,
        sum(case when has_returned then 1 else 0 end) as returned_count
    from scored
    group by {{ key }}, strength
),

paired as (
    select
        *,
        sum(customer_count - returned_count) over (
            partition by {{ key }} order by strength rows unbounded preceding
        ) as others_up_to
    from counted
),

compared as (
    select
        {{ key }},
        sum(customer_count) as customer_count,
        sum(returned_count) as returned_count,
        -- Twice the pairs: a half is whole.
        sum(returned_count * (2 * others_up_to - (customer_count - returned_count)))
            as twice_ordered_pairs
    from paired
    group by {{ key }}
)

select
    {{ key }},
    greatest({{ weights }}) = 100 as is_single,
    compared.returned_count >= thresholds.strength_minimum_buyers
    and compared.customer_count - compared.returned_count >= thresholds.strength_minimum_buyers
        as is_usable,
    cast(compared.customer_count as integer) as customer_count,
    cast(compared.returned_count as integer) as returned_count,
    {{ mean(
        'cast(compared.twice_ordered_pairs as bigint)',
        'cast(2 * compared.returned_count'
        ~ ' * (compared.customer_count - compared.returned_count) as bigint)'
    ) }} as auc
from compared
cross join {{ ref('int_thresholds') }} as thresholds
