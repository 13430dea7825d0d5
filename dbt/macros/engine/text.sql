{# Text and hashing, where engines differ. #}

{# The phone as identity compares it: digits with a leading +; 00 is the same as +. #}
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

{# Lower case, letter by letter. Java also looks at a letter's neighbours and its language: it ends a word with
   another sigma, and makes two characters of a dotted I. #}
{% macro lowered(column) %}{{ return(adapter.dispatch('lowered')(column)) }}{% endmacro %}
{% macro default__lowered(column) -%}
    lower({{ column }})
{%- endmacro %}
{% macro spark__lowered(column) -%}
    lower(translate({{ column }}, 'Σİ', 'σi'))
{%- endmacro %}

{# A keyed pseudonym: the first 32 hex digits of HMAC-SHA256 (RFC 2104). The two padded keys are columns
   of the private table ingest.pseudonym_key, so that the key is in no compiled SQL and no artifact. #}
{% macro pseudonym(message, inner_pad, outer_pad) %}{{ return(adapter.dispatch('pseudonym')(message, inner_pad, outer_pad)) }}{% endmacro %}
{% macro default__pseudonym(message, inner_pad, outer_pad) -%}
    substr(sha256({{ outer_pad }} || unhex(sha256({{ inner_pad }} || encode({{ message }})))), 1, 32)
{%- endmacro %}
{% macro spark__pseudonym(message, inner_pad, outer_pad) -%}
    substr(sha2(concat({{ outer_pad }}, unhex(sha2(concat({{ inner_pad }}, encode({{ message }}, 'UTF-8')), 256))), 256), 1, 32)
{%- endmacro %}

{# A phone number in E.164, null when it cannot be read: a function that dagster_project/transformation/udf registers
   with the engine. National numbers are of the var `country`. #}
{% macro e164(column) -%}
    e164({{ column }}, '{{ var('country') or '' }}')
{%- endmacro %}

{# A 64-bit number of some columns: equal columns give equal numbers, others hardly ever. #}
{% macro key_number(columns) %}{{ return(adapter.dispatch('key_number')(columns)) }}{% endmacro %}
{% macro default__key_number(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}
{% macro spark__key_number(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
