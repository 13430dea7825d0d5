{# A sum of doubles that does not depend on the order of rows: each is first rounded to 12 decimals, and decimals are
   added exactly. #}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(38, 12))) as double)
{%- endmacro %}

{# The expected count of a row of int_stage_forecasts (`forecasts`) with its interval: z standard deviations to either
   side, but not below zero. Earlier errors (`learned`) widen it. #}
{% macro forecast_interval() -%}
    {%- set spread -%}
        cast(thresholds.forecast_interval_z as double) * sqrt(
            (forecasts.chance_variance + forecasts.estimate_variance)
            * (1 + learned.excess * forecasts.months_ahead)
        )
    {%- endset -%}
    {{ quantity('forecasts.expected_count') }} as expected_customer_count,
    {{ quantity('greatest(forecasts.expected_count - ' ~ spread ~ ', 0)') }} as expected_customer_count_low,
    {{ quantity('forecasts.expected_count + ' ~ spread) }} as expected_customer_count_high,
    cast(learned.error_count as integer) as known_error_count
{%- endmacro %}
