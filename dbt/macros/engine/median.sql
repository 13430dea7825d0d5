{# The median, where engines differ. #}

{# Median of the whole numbers in a group as a double: the middle one, or halfway between the two in the
   middle; null without any. Exact, so the same in every order of rows. #}
{% macro median(expression) %}{{ return(adapter.dispatch('median')(expression)) }}{% endmacro %}
{% macro default__median(expression) -%}
    cast(median({{ expression }}) as double)
{%- endmacro %}
{% macro spark__median(expression) -%}
    cast(percentile({{ expression }}, 0.5) as double)
{%- endmacro %}
