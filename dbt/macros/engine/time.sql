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

{# Dates of moments. Days, weeks and months are those of the reporting time zone (LIFECYCLE_REPORTING_TIMEZONE), so no
   model makes a date of a timestamp in any other way (tests/conventions). A day has 23 to 25 hours there, and every
   moment lies in exactly one. In UTC the moment itself is cast, which costs nothing (docs/decisions/0043). #}

{# What the clocks of the reporting time zone show at a UTC timestamp. #}
{% macro local_time(moment) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
    {{ moment }}
    {%- else -%}
    {{ adapter.dispatch('local_time')(moment, var('reporting_timezone')) }}
    {%- endif -%}
{%- endmacro %}
{% macro default__local_time(moment, zone) -%}
    timezone('{{ zone }}', timezone('UTC', {{ moment }}))
{%- endmacro %}
{% macro spark__local_time(moment, zone) -%}
    from_utc_timestamp({{ moment }}, '{{ zone }}')
{%- endmacro %}

{# The day of a UTC timestamp. #}
{% macro date_of(moment) -%}
    cast({{ local_time(moment) }} as date)
{%- endmacro %}

{# The first day of a UTC timestamp's month, as a date. #}
{% macro month_of(moment) -%}
    {{ month_start(local_time(moment)) }}
{%- endmacro %}

{# The first day of a date's month. #}
{% macro month_start(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{# The first day of a UTC timestamp's quarter, as a date. #}
{% macro quarter_of(moment) -%}
    cast({{ dbt.date_trunc('quarter', local_time(moment)) }} as date)
{%- endmacro %}

{# The Monday of a date's week. #}
{% macro week_start(day) -%}
    cast({{ dbt.date_trunc('week', day) }} as date)
{%- endmacro %}

{# The first day of the month a whole number of months after a month. #}
{% macro month_after(month, months) -%}
    cast({{ dbt.dateadd('month', months, month) }} as date)
{%- endmacro %}

{# A date a whole number of days later. #}
{% macro date_after(day, days) -%}
    cast({{ days_after('cast(' ~ day ~ ' as timestamp)', days) }} as date)
{%- endmacro %}

{# The day that lies a whole number of days after the day of a UTC timestamp. #}
{% macro date_days_after(moment, days) -%}
    cast({{ days_after(local_time(moment), days) }} as date)
{%- endmacro %}

{# The UTC timestamp at which a day begins, from its date such as 2025-01-31. Where the clocks go over midnight, it is
   the moment they do; where midnight comes twice, the first one. It is computed here, once, and not by the engine. #}
{% macro midnight(day) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
    cast('{{ day | trim }} 00:00:00' as timestamp)
    {%- else -%}
    {%- set zone = modules.pytz.timezone(var('reporting_timezone')) -%}
    {%- set wanted = modules.datetime.datetime.strptime(day | trim, '%Y-%m-%d') -%}
    {%- set first = zone.normalize(zone.localize(wanted, is_dst=true)) -%}
    {%- set found = first if first.date() == wanted.date() else zone.localize(wanted, is_dst=false) -%}
    cast('{{ found.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S') }}' as timestamp)
    {%- endif -%}
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
