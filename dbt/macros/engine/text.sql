{# Text functions and hashing, which differ between engines. #}

{# The phone number as identity resolution compares it: digits after a leading +. A leading 00 becomes +. #}
{% macro normalised_phone(column) %}{{ return(adapter.dispatch('normalised_phone')(column)) }}{% endmacro %}
{% macro default__normalised_phone(column) -%}
    nullif(
        regexp_replace(
            regexp_replace(regexp_replace({{ column }}, '[^0-9+]', '', 'g'), '^00', '+'),
            '(.)\+', '\1', 'g'
        ),
        ''
    )
{%- endmacro %}
{% macro spark__normalised_phone(column) -%}
    nullif(
        regexp_replace(
            regexp_replace(regexp_replace({{ column }}, '[^0-9+]', ''), '^00', '+'),
            '(.)\\+', '$1'
        ),
        ''
    )
{%- endmacro %}

{# Lower case, letter by letter. Spark's Java also looks at the letters around: it ends a word with another sigma, and
   turns a dotted capital I into two characters. #}
{% macro lowered(column) %}{{ return(adapter.dispatch('lowered')(column)) }}{% endmacro %}
{% macro default__lowered(column) -%}
    lower({{ column }})
{%- endmacro %}
{% macro spark__lowered(column) -%}
    lower(translate({{ column }}, 'Σİ', 'σi'))
{%- endmacro %}

{# A keyed pseudonym: the first 32 hex digits of HMAC-SHA256 (RFC 2104). The two padded keys are columns of the private
   table ingest.pseudonym_key, so the key never appears in compiled SQL or in an artifact. #}
{% macro pseudonym(message, inner_pad, outer_pad) %}{{ return(adapter.dispatch('pseudonym')(message, inner_pad, outer_pad)) }}{% endmacro %}
{% macro default__pseudonym(message, inner_pad, outer_pad) -%}
    substr(sha256({{ outer_pad }} || unhex(sha256({{ inner_pad }} || encode({{ message }})))), 1, 32)
{%- endmacro %}
{% macro spark__pseudonym(message, inner_pad, outer_pad) -%}
    substr(sha2(concat({{ outer_pad }}, unhex(sha2(concat({{ inner_pad }}, encode({{ message }}, 'UTF-8')), 256))), 256), 1, 32)
{%- endmacro %}

{# The phone number in E.164 format, null when it cannot be parsed. dagster_project/transformation/udf registers the
   function with the engine. A national number belongs to the var `country`. #}
{% macro e164(column) -%}
    e164({{ column }}, '{{ var('country') or '' }}')
{%- endmacro %}

{# A 64-bit hash of some columns: equal columns give equal numbers; different ones almost never do. #}
{% macro key_number(columns) %}{{ return(adapter.dispatch('key_number')(columns)) }}{% endmacro %}
{% macro default__key_number(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}
{% macro spark__key_number(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
