{# The columns together are the key: every combination is complete and occurs once. An incremental
   build checks the combinations of the affected rows against the whole table. A full refresh first
   compares hashes of the keys, which are narrower, and then the keys that share a hash. #}
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
