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
        _is_deletion,
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
   - It was loaded before the day of `--known-at` began, if that is given (DBT_KNOWN_AT).
   - Its load is not newer than DBT_NEWEST_LOAD, if that is set. A run of some models sets it: it must not read
     deliveries that the other tables of the warehouse do not contain yet. #}
{% macro is_known(system) -%}
    {{ 'true' if system in var('systems') else 'false' }}
    {%- if env_var('DBT_KNOWN_AT', '') %}
    and _loaded_at < {{ midnight(env_var('DBT_KNOWN_AT')) }}
    {%- endif %}
    {%- if env_var('DBT_NEWEST_LOAD', '') %}
    and _load_number <= cast({{ env_var('DBT_NEWEST_LOAD') }} as bigint)
    {%- endif %}
{%- endmacro %}

{# When a record was deleted; null for one that is there. A record that a full delivery left out has no time of
   deletion: it is gone for every as_of. #}
{% macro deletion_time() -%}
    case when _is_deletion then {{ always() }} else {{ utc_time('deleted_at') }} end
{%- endmacro %}
