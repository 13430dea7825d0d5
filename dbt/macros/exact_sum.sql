{# A sum of doubles that does not depend on the order of rows: each is first rounded to 12 decimals, and decimals are
   added exactly. #}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(38, 12))) as double)
{%- endmacro %}
