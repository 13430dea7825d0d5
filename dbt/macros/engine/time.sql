{# Dates and times, which engines handle differently. Every session runs in UTC. Timestamps are UTC without a zone. #}

{# A delivered ISO 8601 text or typed timestamp as a UTC timestamp. Text without an offset is UTC; empty text is null.
   DuckDB knows the type of the column when it plans the query, so only one of the two cases remains. #}
{% macro utc_time(column) %}{{ return(adapter.dispatch('utc_time')(column)) }}{% endmacro %}
{% macro default__utc_time(column) -%}
    case typeof({{ column }})
        when 'TIMESTAMP' then cast({{ column }} as timestamp)
        else cast(cast({{ text(column) }} as timestamptz) as timestamp)
    end
{%- endmacro %}
{% macro spark__utc_time(column) -%}
    cast(
        regexp_replace(
            regexp_replace({{ text(column) }}, '^([0-9]+)/([0-9]+)/([0-9]+)', '$1-$2-$3'), ' +', ' '
        ) as timestamp
    )
{%- endmacro %}

{# A delivered ISO 8601 text or typed date as a date. A time after it, and its zone, do not change it. #}
{% macro delivered_date(column) %}{{ return(adapter.dispatch('delivered_date')(column)) }}{% endmacro %}
{% macro default__delivered_date(column) -%}
    cast({{ column }} as date)
{%- endmacro %}
{% macro spark__delivered_date(column) -%}
    cast(
        replace(
            regexp_extract(cast({{ column }} as string), '^([0-9]+[-/][0-9]+[-/][0-9]+)', 1), '/', '-'
        ) as date
    )
{%- endmacro %}

{# Whole seconds from one timestamp to another. #}
{% macro seconds_between(start, end) %}{{ return(adapter.dispatch('seconds_between')(start, end)) }}{% endmacro %}
{% macro default__seconds_between(start, end) -%}
    (cast(floor(epoch({{ end }})) as bigint) - cast(floor(epoch({{ start }})) as bigint))
{%- endmacro %}
{% macro spark__seconds_between(start, end) -%}
    (unix_timestamp({{ end }}) - unix_timestamp({{ start }}))
{%- endmacro %}

{# A timestamp a whole number of days later, at the same time of day. #}
{% macro days_after(moment, days) %}{{ return(adapter.dispatch('days_after')(moment, days)) }}{% endmacro %}
{% macro default__days_after(moment, days) -%}
    ({{ moment }} + to_days(cast({{ days }} as integer)))
{%- endmacro %}
{% macro spark__days_after(moment, days) -%}
    ({{ moment }} + make_dt_interval(cast({{ days }} as int)))
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(start_date, end_date) -%}
    {{ dbt.datediff(start_date, end_date, 'day') }}
{%- endmacro %}

{# The first day of a timestamp's or date's month, as a date. #}
{% macro month_of(moment) -%}
    cast({{ dbt.date_trunc('month', moment) }} as date)
{%- endmacro %}

{# One row per day (column `day`) from first_day to last_day. Both are scalar expressions, and both are included. #}
{% macro days_spanned(first_day, last_day) %}{{ return(adapter.dispatch('days_spanned')(first_day, last_day)) }}{% endmacro %}
{% macro default__days_spanned(first_day, last_day) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as day
{%- endmacro %}
{% macro spark__days_spanned(first_day, last_day) -%}
    select explode(sequence(first_day, last_day, interval 1 day)) as day
    from (select {{ first_day }} as first_day, {{ last_day }} as last_day) as ends
    where first_day <= last_day
{%- endmacro %}
