{# The newest version of every record in new loads, out of the delivered versions and the version that the table has. #}
{% macro newest_versions_incremental(relations, key, columns, names_person, replaced) %}
{%- set kept_columns = columns + (['person_key'] if names_person else []) -%}
with delivered as (
    {%- for relation in relations %}
    select
        {{ columns | join(',\n        ') }},
        _version_at,
        _load_number,
        _source_row
    from {{ relation }}
    where _load_number > {{ last_load() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

versions as (
    select
        {{ columns | join(',\n        ') }},
        {%- if names_person %}
        {{ person_key('delivered') }} as person_key,
        {%- endif %}
        _version_at,
        _load_number,
        _source_row
    from delivered
    union all
    select
        {{ kept_columns | join(',\n        ') }},
        _version_at,
        _load_number,
        _source_row
    from {{ this }}
    where ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from delivered)
),

ranked as (
    select
        versions.*,
        {%- for column in replaced %}
        max(case when _load_number <= {{ last_load() }} then {{ column }} end) over (
            partition by {{ key | join(', ') }}
        ) as replaced_{{ column }},
        {%- endfor %}
        row_number() over (
            partition by {{ key | join(', ') }}
            order by _version_at desc nulls last, _load_number desc, _source_row desc
        ) as version_rank
    from versions
)

select
    {{ kept_columns | join(',\n    ') }},
    {%- for column in replaced %}
    replaced_{{ column }},
    {%- endfor %}
    _version_at,
    _load_number,
    _source_row
from ranked
where version_rank = 1
{% endmacro %}
