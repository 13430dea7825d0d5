{# The newest version of every record, from all versions. Most records were delivered once: they pass straight through,
   in one pass, whatever the memory. Only the positions (load and row) of repeated keys are sorted, and the superseded
   ones are left out of the pass. Keys are first compared as numbers, which are narrower. If two keys share a number,
   both are sorted, each by itself. The relations are repeated in the text: DuckDB would hold a common table in memory
   as a whole. #}
{% macro newest_versions_full_refresh(relations, key, columns, names_person, replaced, replaced_types) %}
{%- set number = key_number(key) -%}
with repeated_keys as (
    select delivered_key
    from (
        {%- for relation in relations %}
        select {{ number }} as delivered_key from {{ relation }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as delivered
    group by delivered_key
    having count(*) > 1
),

positioned as (
    select
        {{ key | join(', ') }},
        _load_number,
        _source_row,
        {%- for position in ['_load_number', '_source_row'] %}
        first_value({{ position }}) over (
            partition by {{ key | join(', ') }}
            order by _version_at desc nulls last, _load_number desc, _source_row desc
        ) as newest{{ position }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {%- for relation in relations %}
        select {{ key | join(', ') }}, _version_at, _load_number, _source_row
        from {{ relation }}
        where {{ number }} in (select delivered_key from repeated_keys)
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as versions
),

superseded as (
    select {{ key | join(', ') }}, _load_number, _source_row
    from positioned
    where
        _load_number <> newest_load_number
        or _source_row <> newest_source_row
)
{%- for relation in relations %}
select
    {%- for column in columns %}
    delivered.{{ column }},
    {%- endfor %}
    {%- if names_person %}
    {{ person_key('delivered') }} as person_key,
    {%- endif %}
    {%- for column in replaced %}
    cast(null as {{ replaced_types[column] or (type_key() if is_hashed_key(column) else dbt.type_string()) }}) as replaced_{{ column }},
    {%- endfor %}
    delivered._version_at,
    delivered._load_number,
    delivered._source_row
from {{ relation }} as delivered
left join superseded
    on {{ key_matches(key, 'delivered', 'superseded') }}
    and delivered._load_number = superseded._load_number
    and delivered._source_row = superseded._source_row
where superseded._load_number is null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endmacro %}
