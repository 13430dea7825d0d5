{# Every delivered version of every record of an entity, from all systems that deliver in the generic format, with the
   number of its load and its row. `columns` become trimmed text. `times` keep their delivered type, for utc_time: a
   column that is already a timestamp need not become text and a timestamp again. #}
{% macro deliveries(entity, columns, times=[]) %}
    {%- for system in var('generic_systems') %}
    select
        '{{ system }}' as source_system,
        {%- for column in columns %}
        {{ text(column) }} as {{ column }},
        {%- endfor %}
        {%- for column in times %}
        {{ column }},
        {%- endfor %}
        _load_number,
        _source_row
    from {{ source('raw_' ~ system, entity) }}
    where {{ is_known(system) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{# The condition on a raw row to be part of this build:
   - Its system is enabled. Rows of a disabled system remain in raw and appear nowhere else.
   - It was loaded before the day of `--known-at`, if that is given (DBT_KNOWN_AT).
   - Its load is not newer than DBT_NEWEST_LOAD, if that is set. A run of some models sets it: it must not read
     deliveries that the other tables of the warehouse do not contain yet. #}
{% macro is_known(system) -%}
    {{ 'true' if system in var('systems') else 'false' }}
    {%- if env_var('DBT_KNOWN_AT', '') %}
    and _loaded_at < cast('{{ env_var('DBT_KNOWN_AT') }} 00:00:00' as timestamp)
    {%- endif %}
    {%- if env_var('DBT_NEWEST_LOAD', '') %}
    and _load_number <= cast({{ env_var('DBT_NEWEST_LOAD') }} as bigint)
    {%- endif %}
{%- endmacro %}
