-- One row per fold and way to choose: the weighting of relationship strength that the past dates
-- choose together, without the date of the fold. The fold of as_of, which has no outcome yet,
-- leaves none out. A component that ranks no better than chance has no points. Chosen is, of all
-- other weightings that rank within `strength_auc_tolerance` of the best and no worse than any
-- component alone (`learned`), the most even one; and the best component alone (`single`).
-- `left_out_auc` shows how a choice does where it was not made.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set components = strength_components() %}
{% set weights = components | join('_weight, ') ~ '_weight' %}
with usable as (
    select * from {{ ref('int_strength_weightings') }}
    where
        is_usable
        and not is_set
),

totals as (
    select {{ weights }}, is_single, sum(auc) as auc_sum, count(*) as origin_count
    from usable
    group by {{ weights }}, is_single
),

-- A fold leaves one date out; the fold of no date (as_of, which has no outcome) leaves none out.
folds as (
    select distinct origin_date from usable
    union
    select {{ as_of_date() }} as origin_date
),

summed as (
    select
        folds.origin_date,
        totals.*,
        usable.auc as left_out_auc,
        totals.auc_sum - coalesce(usable.auc, 0) as kept_auc,
        totals.origin_count - case when usable.auc is null then 0 else 1 end as kept_count,
        {% for component in components -%}
        (totals.{{ component }}_weight - 20) * (totals.{{ component }}_weight - 20)
        {%- if not loop.last %} + {% endif %}
        {%- endfor %} as unevenness
    from totals
    cross join folds
    left join usable
        on folds.origin_date = usable.origin_date
        {%- for component in components %}
        and totals.{{ component }}_weight = usable.{{ component }}_weight
        {%- endfor %}
),

judged as (
    select
        *,
        {%- for component in components %}
        max(case when {{ component }}_weight = 100 then kept_auc end)
            over (partition by origin_date) as {{ component }}_auc
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from summed
),

bounded as (
    select
        *,
        max(kept_auc) over (partition by origin_date) as best_auc,
        max(case when is_single then kept_auc end) over (partition by origin_date)
            as best_single_auc
    from judged
    where
        {%- for component in components %}
        {% if not loop.first %}and {% endif -%}
        ({{ component }}_weight = 0 or {{ component }}_auc > 0.5 * kept_count)
        {%- endfor %}
),

ranked as (
    select
        bounded.*,
        row_number() over (
            partition by bounded.origin_date
            order by
                case
                    when
                        bounded.kept_auc >= bounded.best_single_auc
                        and bounded.kept_auc
                        >= bounded.best_auc - thresholds.strength_auc_tolerance * bounded.kept_count
                        then 0
                    else 1
                end,
                bounded.unevenness,
                bounded.kept_auc desc,
                {{ weights }}
        ) as learned_rank,
        row_number() over (
            partition by bounded.origin_date
            order by
                case when bounded.is_single then 0 else 1 end,
                bounded.kept_auc desc,
                {{ weights }}
        ) as single_rank
    from bounded
    cross join {{ ref('int_thresholds') }} as thresholds
)

select
    origin_date,
    'learned' as choice,
    {{ weights }},
    kept_count,
    left_out_auc
from ranked
where learned_rank = 1
union all
select
    origin_date,
    'single' as choice,
    {{ weights }},
    kept_count,
    left_out_auc
from ranked
where single_rank = 1
