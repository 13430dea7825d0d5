{# Keys that are hashes (customer ids, `…_key`): 32 hex digits to everyone who reads them, here a number of 128 bits.
   DuckDB's UUID is one; as text a key costs four times as much to write and to look up, and five times as much
   to sort (docs/decisions/0034). Publication writes the digits. Engines without such a type keep the text. #}

{# A key, of its 32 hex digits. #}
{% macro as_key(digits) %}{{ return(adapter.dispatch('as_key')(digits)) }}{% endmacro %}
{% macro default__as_key(digits) -%}
    cast({{ digits }} as {{ type_key() }})
{%- endmacro %}
{% macro spark__as_key(digits) -%}
    {{ digits }}
{%- endmacro %}

{# The 32 hex digits of a key. #}
{% macro key_digits(key) %}{{ return(adapter.dispatch('key_digits')(key)) }}{% endmacro %}
{% macro default__key_digits(key) -%}
    lower(hex(cast({{ key }} as blob)))
{%- endmacro %}
{% macro spark__key_digits(key) -%}
    {{ key }}
{%- endmacro %}

{# The type of keys. #}
{% macro type_key() %}{{ return(adapter.dispatch('type_key')()) }}{% endmacro %}
{% macro default__type_key() -%}
    uuid
{%- endmacro %}
{% macro spark__type_key() -%}
    {{ dbt.type_string() }}
{%- endmacro %}

{# Whether a column of this name holds such keys, if it is said to be text. #}
{% macro is_hashed_key(name) -%}
    {{ return(name.endswith('customer_id') or name.endswith('_key')) }}
{%- endmacro %}

{# Whether a type is text, by the names it goes by on the way from a contract to a table. #}
{% macro is_text(type) -%}
    {{ return(type | lower in ('varchar', 'string', 'text')) }}
{%- endmacro %}

{# A contract says `string` of them, which is what is served; a model's columns are compared with what stands here. #}
{% macro duckdb__get_empty_schema_sql(columns) -%}
    {%- set stored = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set is_key = is_hashed_key(name) and is_text(column['data_type']) -%}
        {%- do stored.update({name: dict(column, data_type=type_key()) if is_key else column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(stored)) }}
{%- endmacro %}

{# A key as a person typed it. What is no key, such as `anna` in a unit test, stands for its own letters: it keeps its
   order, and is no hash of anything. #}
{% macro typed_key(column) %}{{ return(adapter.dispatch('typed_key')(column)) }}{% endmacro %}
{% macro default__typed_key(column) -%}
    coalesce(try_cast({{ column }} as uuid), cast(rpad(hex(encode({{ column }})), 32, '0') as uuid))
{%- endmacro %}
{% macro spark__typed_key(column) -%}
    {{ column }}
{%- endmacro %}

{# What dbt makes of the rows of its unit tests. #}
{% macro duckdb__safe_cast(field, type) -%}
    {%- if type | lower == 'uuid' -%}
    {{ typed_key(field) }}
    {%- else -%}
    {{ dbt.default__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}
