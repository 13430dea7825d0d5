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

{# Whether a column of this name holds such keys. #}
{% macro is_hashed_key(name) -%}
    {{ return(name.endswith('customer_id') or name.endswith('_key')) }}
{%- endmacro %}

{# A contract says `string` of them, which is what is served; a model's columns are compared with what stands here. #}
{% macro duckdb__get_empty_schema_sql(columns) -%}
    {%- set stored = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do stored.update({name: dict(column, data_type=type_key()) if is_hashed_key(name) else column}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(stored)) }}
{%- endmacro %}

{# In unit tests a key may be any short text, as `anna`: it stands for its own letters, so that keys keep their order. #}
{% macro duckdb__safe_cast(field, type) -%}
    {%- if type | lower == 'uuid' -%}
    coalesce(try_cast({{ field }} as uuid), cast(rpad(hex(encode({{ field }})), 32, '0') as uuid))
    {%- else -%}
    {{ dbt.default__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}
