{# The median, which engines compute differently. #}

{# The median of the whole numbers in a group, as a double: the middle one, or halfway between the two in the middle.
   Null for an empty group. It is exact, so the order of rows does not matter. #}
{% macro median(expression) %}{{ return(adapter.dispatch('median')(expression)) }}{% endmacro %}
{% macro default__median(expression) -%}
    cast(median({{ expression }}) as double)
{%- endmacro %}
{% macro spark__median(expression) -%}
    cast(percentile({{ expression }}, 0.5) as double)
{%- endmacro %}
