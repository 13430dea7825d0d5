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

{# The key by which words of a closed list are compared: lower case, without accents, blanks, dashes and underscores
   (`Paid-Search`, `paid_search`). dagster_project/ingestion/words.py has the same in Python. #}
{% macro word_key(column) %}{{ return(adapter.dispatch('word_key')(column)) }}{% endmacro %}
{% macro default__word_key(column) -%}
    regexp_replace(strip_accents(lower({{ column }})), '[\s_\x{2010}-\x{2015}-]+', '', 'g')
{%- endmacro %}
{% macro spark__word_key(column) -%}
    regexp_replace(
        translate(
            lower({{ column }}),
            'áàâäãåąčćçďđéèêëěęíìîïłĺľňńñóòôöõőřŕšśťúùûüůűýÿžźż',
            'aaaaaaacccddeeeeeeiiiilllnnnoooooorrsstuuuuuuyyzzz'
        ),
        '[\\s_\\x{2010}-\\x{2015}-]+', ''
    )
{%- endmacro %}

{# How many digits a text has. #}
{% macro digit_count(column) %}{{ return(adapter.dispatch('digit_count')(column)) }}{% endmacro %}
{% macro default__digit_count(column) -%}
    length(regexp_replace({{ column }}, '[^0-9]', '', 'g'))
{%- endmacro %}
{% macro spark__digit_count(column) -%}
    length(regexp_replace({{ column }}, '[^0-9]', ''))
{%- endmacro %}

{# Whether a whole text looks like a phone number. #}
{% macro is_like_phone(column) %}{{ return(adapter.dispatch('is_like_phone')(column)) }}{% endmacro %}
{% macro default__is_like_phone(column) -%}
    regexp_full_match({{ column }}, '[+(]?[0-9][0-9 ()/.-]{7,}')
{%- endmacro %}
{% macro spark__is_like_phone(column) -%}
    {{ column }} rlike '^[+(]?[0-9][0-9 ()/.-]{7,}$'
{%- endmacro %}
