{# How delivered values become typed values. Casts may be strict: ingestion has quarantined what does not fit. #}

{# Trimmed text. Empty text is null. #}
{% macro text(column) -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
{%- endmacro %}

{# A code of a closed list, in lower case. #}
{% macro code(column) -%}
    {{ lowered(text(column)) }}
{%- endmacro %}

{# The code that a word of a closed list means. `lifecycle build` passes the lists as the var `words`, which has no
   default: dbt parses without it. A word that is a code already is compared first, as hardly any is not. A word that the
   list does not know remains: ingestion has stopped the file where that matters. #}
{% macro word_code(column, list) -%}
    {%- if not var('words', {}) and execute -%}
        {{ exceptions.raise_compiler_error(
            "The words of seeds/reference/synonyms.csv are not given (var `words`). Run `lifecycle build`."
        ) }}
    {%- endif -%}
    {%- set words = var('words', {}).get(list, {}) %}
    case
        when {{ lowered(column) }} in ('{{ words.values() | unique | sort | join("', '") }}') then {{ lowered(column) }}
        else
            case {{ word_key(column) }}
                {%- for word, code in words.items() %}
                when '{{ word }}' then '{{ code }}'
                {%- endfor %}
                else {{ lowered(column) }}
            end
    end
{%- endmacro %}

{# Text that is served as a dimension (campaign, channel, category …), or `masked` where it looks like an e-mail address, a
   phone number or free text: people type anything anywhere, and the served warehouse holds no personal data.
   assert_no_text_is_masked counts these values. #}
{% macro served_text(column, longest=120) -%}
    case
        when {{ column }} like '%_@_%' then 'masked'
        when length({{ column }}) > {{ longest }} then 'masked'
        when {{ is_like_phone(column) }} then 'masked'
        else {{ column }}
    end
{%- endmacro %}

{# An amount of money with two decimals, in the delivered or the reporting currency. #}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{# Unit prices, unit costs, quantities and shares: six decimals. #}
{% macro quantity(expression) -%}
    cast({{ expression }} as decimal(18, 6))
{%- endmacro %}

{# A quantity times an amount per unit. The quantity is one digit wider than elsewhere: DuckDB gives the product of two
   18-digit decimals only 18 digits, 12 of them decimals, and an order line of a million would overflow. #}
{% macro line_amount(quantity, amount) -%}
    cast({{ quantity }} as decimal(19, 6)) * {{ amount }}
{%- endmacro %}

{# How much of an amount that is not itemised is for goods, without their tax: goods with their tax come first, then
   shipping, and what is left beyond all of them is goods again. Nothing of a negative amount. #}
{% macro goods_part(amount, goods, tax, shipping) -%}
    case
        when coalesce({{ goods }} <= 0, true) or {{ amount }} <= 0 then greatest({{ amount }}, 0)
        else
            coalesce({{ share_of_money(
                'least(' ~ amount ~ ', ' ~ goods ~ ' + ' ~ tax ~ ')', goods, '(' ~ goods ~ ' + ' ~ tax ~ ')'
            ) }}, 0)
            + greatest({{ amount }} - {{ goods }} - {{ tax }} - {{ shipping }}, 0)
    end
{%- endmacro %}

{# Reporting currency per unit of another currency. Rates can be small, such as 0.0000377358 euros for a dong. The
   product with money fits the 38 digits that every engine has. #}
{% macro exchange_rate(expression) -%}
    cast({{ expression }} as decimal(19, 10))
{%- endmacro %}

{# The e-mail address as identity resolution compares it: trimmed, in lower case, without the parts that its provider
   ignores (var `email_providers`). Text without @ is null. #}
{% macro normalised_email(column) -%}
    {%- set email = lowered('trim(' ~ column ~ ')') -%}
    {%- set local = dbt.split_part(email, "'@'", 1) -%}
    {%- set domain = dbt.split_part(email, "'@'", 2) -%}
    {%- set domains = var('email_providers') | map(attribute='domains') | sum(start=[]) -%}
    case
        when {{ column }} not like '%@%' then null
        {%- if domains %}
        when {{ domain }} not in ('{{ domains | join("', '") }}') then {{ email }}
        {%- endif %}
        {%- for provider in var('email_providers') %}
        {%- set untagged = dbt.split_part(local, "'+'", 1) if provider.ignores_tags else local %}
        when {{ domain }} in ('{{ provider.domains | join("', '") }}')
            then {{ dbt.concat([
                "replace(" ~ untagged ~ ", '.', '')" if provider.ignores_dots else untagged,
                "'@" ~ provider.domains[0] ~ "'",
            ]) }}
        {%- endfor %}
        else {{ email }}
    end
{%- endmacro %}

{# The key of the combination of identifiers on a record. Null when the record has no identifier. The lengths are part
   of the key because an identifier may itself contain a |. #}
{% macro person_key(alias) -%}
    {%- set contact_id, email, phone, external_id =
        alias ~ '.contact_id', alias ~ '.email', alias ~ '.phone', alias ~ '.external_id' -%}
    case
        when coalesce({{ contact_id }}, {{ email }}, {{ phone }}, {{ external_id }}) is not null
            then {{ as_key(dbt.hash(dbt.concat([
                alias ~ ".source_system", "'|'", "coalesce(" ~ contact_id ~ ", '')",
                "'|'", "coalesce(" ~ email ~ ", '')",
                "'|'", "coalesce(" ~ phone ~ ", '')", "'|'", "coalesce(" ~ external_id ~ ", '')",
                "'|'", "cast(coalesce(length(" ~ contact_id ~ "), 0) as " ~ dbt.type_string() ~ ")",
                "'|'", "cast(coalesce(length(" ~ email ~ "), 0) as " ~ dbt.type_string() ~ ")",
            ]))) }}
    end
{%- endmacro %}

{# Yes or no, as sources spell it. Anything else is null. #}
{% macro boolean(column) -%}
    case
        when lower({{ column }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower({{ column }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
    end
{%- endmacro %}

{# The key of an activity: what happened, and to which record of which source system. #}
{% macro activity_key(source_system, activity, subject_id) -%}
    {{ as_key(dbt.hash(dbt.concat([source_system, "'|'", activity, "'|'", subject_id]))) }}
{%- endmacro %}
