{# The newest version of every record of some staging models. The source's own time of change decides, then the order
   of loads, then the row. An incremental build reads the new loads alone and compares them with the versions it has
   (newest_versions_incremental.sql); a full refresh reads everything (newest_versions_full_refresh.sql).

   key: the columns that identify a record.
   names_person: whether records carry identifiers of a person.
   replaced: columns (person_key, order_id, unit_cost) whose value in the version just replaced is kept beside the new
       one as replaced_<column>: whatever the record used to belong to is affected too.
   replaced_types: the types of those that are neither hashed keys nor text. #}
{% macro newest_versions(
    relations, key, columns, names_person=false, replaced=[], replaced_types={}
) %}
{%- if builds_incrementally() -%}
{{ newest_versions_incremental(relations, key, columns, names_person, replaced) }}
{%- else -%}
{{ newest_versions_full_refresh(relations, key, columns, names_person, replaced, replaced_types) }}
{%- endif -%}
{% endmacro %}

{# The condition that two relations agree on all columns of a key. #}
{% macro key_matches(key, one, other) -%}
    {%- for column in key -%}
    {{ 'and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {% endfor -%}
{%- endmacro %}
