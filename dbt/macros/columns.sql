{# How delivered values become typed ones. Ingestion has validated them (quarantine), so casts may be strict. #}

{# Trimmed text; empty is null. #}
{% macro text(column) -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
{%- endmacro %}

{# A code of a closed list: lower case. #}
{% macro code(column) -%}
    {{ lowered(text(column)) }}
{%- endmacro %}

{# Money in the currency it was delivered in, or the reporting currency: two decimals. #}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{# Unit prices, unit costs, quantities, shares: more decimals than money. #}
{% macro quantity(expression) -%}
    cast({{ expression }} as decimal(18, 6))
{%- endmacro %}

{# A quantity times an amount per unit. One of them is wider, as DuckDB keeps the product of two decimals of 18 digits
   at 18, of which 12 are behind the point: a line of a million would not fit. #}
{% macro line_amount(quantity, amount) -%}
    cast({{ quantity }} as decimal(19, 6)) * {{ amount }}
{%- endmacro %}

{# Reporting currency per unit: small where the unit is, such as 0.0000377358 euros for a dong. Times money it fits
   the 38 digits that engines have. #}
{% macro exchange_rate(expression) -%}
    cast({{ expression }} as decimal(19, 10))
{%- endmacro %}

{# E-mail as identity compares it: trimmed, lower case, and without what its provider ignores (var
   `email_providers`); no @ means no e-mail. #}
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

{# Names the combination of identifiers on a record; null when the record names nobody. The lengths keep
   apart what a | inside an identifier would run together. #}
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

{# yes/no as sources spell it; anything else is null. #}
{% macro boolean(column) -%}
    case
        when lower({{ column }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower({{ column }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
    end
{%- endmacro %}

{# Names a record of fct_customer_activities: what happened, and to which record of which source. #}
{% macro activity_key(source_system, activity, subject_id) -%}
    {{ as_key(dbt.hash(dbt.concat([source_system, "'|'", activity, "'|'", subject_id]))) }}
{%- endmacro %}
