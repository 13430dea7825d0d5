{# The columns together are the key: every combination is complete and occurs once. In a build that heals the
   combinations of the touched rows, wherever else they occur. Otherwise numbers are compared first, being
   narrower than keys, and only keys that share one are told apart. #}
{% test unique_combination(model, columns) %}
{%- set key = columns | join(', ') -%}
{%- set table = tested_table() or model %}
select
    {{ columns | join(',\n    ') }},
    count(*) as occurrence_count
from {{ table }}
where
    {%- if model | string != table | string %}
    ({{ key }}) in (select {{ key }} from {{ model }})
    {%- else %}
    {{ key_number(columns) }} in ({{ repeated_key_numbers(table, columns) }})
    {%- endif %}
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
group by {{ key }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
