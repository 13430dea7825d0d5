{# Hashed keys (customer ids and `…_key`). Readers see 32 hex digits; the warehouse stores a 128-bit number, DuckDB's
   UUID. As text, a key costs four times as much to write and to look up, and five times as much to sort
   (docs/decisions/0034). Publication writes the digits. Engines without such a type store text. #}

{# A stored key from its 32 hex digits. #}
{% macro as_key(digits) %}{{ return(adapter.dispatch('as_key')(digits)) }}{% endmacro %}
{% macro default__as_key(digits) -%}
    cast({{ digits }} as {{ type_key() }})
{%- endmacro %}
{% macro spark__as_key(digits) -%}
    {{ digits }}
{%- endmacro %}

{# The 32 hex digits of a stored key. #}
{% macro key_digits(key) %}{{ return(adapter.dispatch('key_digits')(key)) }}{% endmacro %}
{% macro default__key_digits(key) -%}
    lower(hex(cast({{ key }} as blob)))
{%- endmacro %}
{% macro spark__key_digits(key) -%}
    {{ key }}
{%- endmacro %}

{# The type of a stored key. #}
{% macro type_key() %}{{ return(adapter.dispatch('type_key')()) }}{% endmacro %}
{% macro default__type_key() -%}
    uuid
{%- endmacro %}
{% macro spark__type_key() -%}
    {{ dbt.type_string() }}
{%- endmacro %}

{# Whether a text column of this name holds hashed keys. #}
{% macro is_hashed_key(name) -%}
    {{ return(name.endswith('customer_id') or name.endswith('_key')) }}
{%- endmacro %}

{# Whether a type is text, under any of the names that contracts and engines use. #}
{% macro is_text(type) -%}
    {{ return(type | lower in ('varchar', 'string', 'text')) }}
{%- endmacro %}

{# Contracts declare keys as `string`, which is what is served. A model's columns are compared with the stored types. #}
{% macro duckdb__get_empty_schema_sql(columns) -%}
    {%- set stored = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set is_key = is_hashed_key(name) and is_text(column['data_type']) -%}
        {%- do stored.update({name: dict(column, data_type=type_key()) if is_key else column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(stored)) }}
{%- endmacro %}

{# A stored key from text that a person typed. Text that is no key, such as `anna` in a unit test, becomes the key made
   of its own letters: these keys sort like the text, and no hash equals one of them. #}
{% macro typed_key(column) %}{{ return(adapter.dispatch('typed_key')(column)) }}{% endmacro %}
{% macro default__typed_key(column) -%}
    coalesce(try_cast({{ column }} as uuid), cast(rpad(hex(encode({{ column }})), 32, '0') as uuid))
{%- endmacro %}
{% macro spark__typed_key(column) -%}
    {{ column }}
{%- endmacro %}

{# How dbt casts the values in the rows of its unit tests. #}
{% macro duckdb__safe_cast(field, type) -%}
    {%- if type | lower == 'uuid' -%}
    {{ typed_key(field) }}
    {%- else -%}
    {{ dbt.default__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}
