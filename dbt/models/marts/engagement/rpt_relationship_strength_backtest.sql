-- Grain: past date, component of relationship strength or the whole. How each ranked the buyers of
-- that date by whether they came back. Interval: Hanley and McNeil (1982). Dates whose outcomes are
-- too few have counts alone.
{% set components = strength_components() %}
{% set whole = 'relationship_strength' %}
{#- Each component is the weighting that gives it all points. -#}
with rated as (
    select
        '{{ whole }}' as component,
        100 as weight,
        weights_source = 'set' as is_set,
        {{ components | join('_weight, ') }}_weight
    from {{ ref('int_strength_weights') }}
    {%- for component in components %}
    union all
    select
        '{{ component }}' as component,
        {{ component }}_weight as weight,
        false as is_set,
        {%- for each in components %}
        {{ 100 if each == component else 0 }} as {{ each }}_weight
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_strength_weights') }}
    {%- endfor %}
),

-- The newest date is there even if nobody had bought by then.
dates as (
    select
        origin_date,
        max(origin_date) over () as newest_date
    from {{ ref('int_strength_origins') }}
    where not is_now
),

measured as (
    select
        dates.origin_date,
        rated.component,
        rated.weight,
        coalesce(weightings.customer_count, 0) as customer_count,
        coalesce(weightings.returned_count, 0) as returned_count,
        case when weightings.is_usable then weightings.auc end as auc
    from dates
    cross join rated
    left join {{ ref('int_strength_weightings') }} as weightings
        on dates.origin_date = weightings.origin_date
        and rated.is_set = weightings.is_set
        {%- for each in components %}
        and rated.{{ each }}_weight = weightings.{{ each }}_weight
        {%- endfor %}
    where
        weightings.origin_date is not null
        or dates.origin_date = dates.newest_date
),

bounded as (
    select
        measured.*,
        {{ quantity(auc_end(
            'measured.auc', 'measured.returned_count',
            '(measured.customer_count - measured.returned_count)',
            'thresholds.strength_interval_z', '-'
        )) }} as auc_low,
        {{ quantity(auc_end(
            'measured.auc', 'measured.returned_count',
            '(measured.customer_count - measured.returned_count)',
            'thresholds.strength_interval_z', '+'
        )) }} as auc_high,
        thresholds.strength_horizon_days
    from measured
    cross join {{ ref('int_thresholds') }} as thresholds
),

averaged as (
    select
        component,
        {{ average('auc') }} as mean_auc,
        {{ average('auc_low') }} as mean_auc_low
    from bounded
    group by component
),

compared as (
    select
        component,
        mean_auc,
        mean_auc_low,
        max(case when component <> '{{ whole }}' then mean_auc end) over () as best_component_auc
    from averaged
)

select
    bounded.origin_date,
    bounded.component,
    cast(bounded.weight as integer) as weight,
    weights.weights_source,
    cast(bounded.strength_horizon_days as integer) as horizon_days,
    cast(bounded.customer_count as integer) as customer_count,
    cast(bounded.returned_count as integer) as returned_count,
    bounded.auc,
    bounded.auc_low,
    bounded.auc_high,
    case when bounded.component = '{{ whole }}' then choices.left_out_auc end as held_out_auc,
    compared.mean_auc,
    case
        when compared.mean_auc is null then 'not_measured'
        when compared.mean_auc_low <= 0.5 then 'no_better_than_chance'
        when
            bounded.component = '{{ whole }}' and compared.mean_auc < compared.best_component_auc
            then 'below_best_component'
        else 'ranks_returns'
    end as status
from bounded
inner join compared
    on bounded.component = compared.component
cross join {{ ref('int_strength_weights') }} as weights
left join {{ ref('int_strength_choices') }} as choices
    on bounded.origin_date = choices.origin_date
    and weights.choice = choices.choice
