-- Grain: lifecycle, stage, month, indicator. Long, so that a chart or a filter needs one column.
-- The description of `indicator` defines the indicators; int_stage_months_counted computes them.
{% set conversion_rate = mean('onward_move_count', '(month_start_customer_count + entry_count)') %}
{% set indicators = {
    'customers_at_month_end': ['customers', 'month_end_customer_count'],
    'entries': ['moves', 'entry_count'],
    'exits': ['moves', 'exit_count'],
    'onward_moves': ['moves', 'onward_move_count'],
    'conversion_rate': ['share', 'case when has_next_stage then ' ~ conversion_rate ~ ' end'],
    'skips': ['moves', 'skip_count'],
    'regressions': ['moves', 'regression_count'],
    'losses': ['moves', 'loss_count'],
    'win_backs': ['moves', 'win_back_count'],
    'median_days_in_stage': ['days', 'median_days_in_stage'],
    'orders': ['orders', 'order_count'],
    'net_revenue': ['money', 'net_revenue'],
} %}
{#- Why an indicator has no value. -#}
{% set reasons = {
    'conversion_rate': "case
            when not has_next_stage then 'no_next_stage'
            when month_start_customer_count + entry_count = 0 then 'no_customers'
        end",
    'median_days_in_stage': "case when median_days_in_stage is null then 'no_exits' end",
} %}
with months as (
    select * from {{ ref('int_stage_months_counted') }}
),

indicators as (
    {%- for indicator, meaning in indicators.items() %}
    select
        lifecycle,
        stage,
        '{{ indicator }}' as indicator,
        '{{ meaning[0] }}' as unit,
        -- Wider than a quantity: revenue of all customers is among the values.
        cast({{ meaning[1] }} as decimal(28, 6)) as value,
        cast({{ reasons.get(indicator, 'null') }} as {{ dbt.type_string() }}) as value_reason,
        month
    from months
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    lifecycle,
    stage,
    indicator,
    unit,
    value,
    value_reason,
    month
from indicators
