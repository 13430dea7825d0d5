-- One row: the weights of the components of relationship strength, and where they are from. Weights
-- that are set win. Else they are learned from the past dates (int_strength_choices), if that is
-- worth it: chosen without a date, they must rank the buyers of that date at least as well as the
-- component chosen without it, over all dates. If not, the best component has all points. Without
-- two dates to learn from, weights are even.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set components = strength_components() %}
{% set weights = components | join('_weight, ') ~ '_weight' %}
with held_out as (
    select
        sum(case when choice = 'learned' then left_out_auc end) as learned_auc,
        sum(case when choice = 'single' then left_out_auc end) as single_auc
    from {{ ref('int_strength_choices') }}
    where origin_date < {{ as_of_date() }}
),

candidates as (
    select
        {%- for component in components %}
        cast(strength_weight_{{ component }} as integer) as {{ component }}_weight,
        {%- endfor %}
        'set' as weights_source,
        'set' as choice,
        1 as preference
    from {{ ref('int_thresholds') }}
    where
        {% for component in components %}strength_weight_{{ component }}
        {%- if not loop.last %} + {% endif %}{% endfor %} > 0
    union all
    select
        {%- for component in components %}
        choices.{{ component }}_weight,
        {%- endfor %}
        'learned' as weights_source,
        choices.choice,
        2 as preference
    from {{ ref('int_strength_choices') }} as choices
    cross join held_out
    where
        choices.origin_date = {{ as_of_date() }}
        and choices.kept_count > 1
        and choices.choice
        = case when held_out.learned_auc >= held_out.single_auc then 'learned' else 'single' end
    union all
    select
        {%- for component in components %}
        20 as {{ component }}_weight,
        {%- endfor %}
        'even' as weights_source,
        'even' as choice,
        3 as preference
),

preferred as (
    select
        *,
        min(preference) over () as best_preference
    from candidates
)

select
    {{ weights }},
    weights_source,
    choice
from preferred
where preference = best_preference
