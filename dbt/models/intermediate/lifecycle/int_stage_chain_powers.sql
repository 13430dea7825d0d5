-- One row per lifecycle, origin month, number of months, stage, and stage that many months later:
-- the powers of the estimated Markov chain, by repeated multiplication.
{% set horizon = var('forecast_horizon_months') %}
with chain as (
    select
        lifecycle,
        origin_month,
        from_stage,
        to_stage,
        probability
    from {{ ref('int_stage_chains_estimated') }}
    where from_stage is not null
),

power_0 as (
    select
        lifecycle,
        origin_month,
        from_stage,
        to_stage,
        cast(case when from_stage = to_stage then 1 else 0 end as double) as probability
    from chain
),
{% for step in range(1, horizon + 1) %}
power_{{ step }} as (
    select
        power_{{ step - 1 }}.lifecycle,
        power_{{ step - 1 }}.origin_month,
        power_{{ step - 1 }}.from_stage,
        chain.to_stage,
        {{ exact_sum('power_' ~ (step - 1) ~ '.probability * chain.probability') }} as probability
    from power_{{ step - 1 }}
    inner join chain
        on power_{{ step - 1 }}.lifecycle = chain.lifecycle
        and power_{{ step - 1 }}.origin_month = chain.origin_month
        and power_{{ step - 1 }}.to_stage = chain.from_stage
    group by
        power_{{ step - 1 }}.lifecycle, power_{{ step - 1 }}.origin_month,
        power_{{ step - 1 }}.from_stage, chain.to_stage
),
{% endfor %}
powers as (
    {%- for step in range(horizon + 1) %}
    select {{ step }} as months_ahead, power_{{ step }}.* from power_{{ step }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    lifecycle,
    origin_month,
    months_ahead,
    from_stage,
    to_stage,
    probability
from powers
