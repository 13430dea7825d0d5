-- Grain: month. Customers were not assigned at random to be supported or reached, so a difference
-- in conversion is not an effect. Rates are not additive.
{% set groups = {
    'decision': [
        'int_decisions_supported', 'started_at', 'was_supported', 'supported', 'unsupported',
    ],
    'prospect': ['int_prospects_reached', 'first_seen_at', 'was_reached', 'reached', 'unreached'],
} %}
with support as (
    select * from {{ ref('int_support_monthly') }}
),

-- Includes months before the first customer with inquiries of unidentified people.
months as (
    select month_start_date as month from {{ ref('dim_dates') }}
    union
    select month from support
),

{% for subject, (model, time, treatment, with, without) in groups.items() %}
{{ subject }}s as (
    select
        {{ month_of(time) }} as month,
        sum(case when {{ treatment }} then 1 else 0 end) as {{ with }}_count,
        sum(case when {{ treatment }} and has_converted then 1 else 0 end)
            as {{ with }}_converted_count,
        sum(case when {{ treatment }} then 0 else 1 end) as {{ without }}_count,
        sum(case when not {{ treatment }} and has_converted then 1 else 0 end)
            as {{ without }}_converted_count
    from {{ ref(model) }}
    group by {{ month_of(time) }}
),
{% endfor %}
demonstrated as (
    select
        {{ month_of('first_seen_at') }} as month,
        sum(case when had_demo_or_trial then 1 else 0 end) as demo_count,
        sum(case when had_demo_or_trial and has_converted then 1 else 0 end) as demo_converted_count
    from {{ ref('int_prospects_reached') }}
    group by {{ month_of('first_seen_at') }}
)

select
    months.month,
    cast(coalesce(support.asker_count, 0) as integer) as asker_count,
    cast(coalesce(support.asker_without_ticket_count, 0) as integer) as asker_without_ticket_count,
    cast(coalesce(support.deflected_asker_count, 0) as integer) as deflected_asker_count,
    {{ mean('support.deflected_asker_count', 'support.asker_count') }} as deflection_rate,
    cast(coalesce(support.reader_count, 0) as integer) as knowledge_base_reader_count,
    cast(coalesce(support.deflected_reader_count, 0) as integer) as deflected_reader_count,
    {{ mean('support.deflected_reader_count', 'support.reader_count') }} as self_service_rate,
    cast(coalesce(support.ticket_count, 0) as integer) as ticket_count,
    cast(coalesce(support.ticket_after_self_service_count, 0) as integer)
        as ticket_after_self_service_count,
    cast(coalesce(support.responded_ticket_count, 0) as integer) as responded_ticket_count,
    {{ quantity('support.median_response_seconds / 3600.0') }} as median_first_response_hours,
    {%- for subject, (model, time, treatment, with, without) in groups.items() %}
    {%- for group in [with, without] %}
    cast(coalesce({{ subject }}s.{{ group }}_count, 0) as integer)
        as {{ group }}_{{ subject }}_count,
    cast(coalesce({{ subject }}s.{{ group }}_converted_count, 0) as integer)
        as {{ group }}_{{ subject }}_converted_count,
    {{ mean(subject ~ 's.' ~ group ~ '_converted_count', subject ~ 's.' ~ group ~ '_count') }}
        as {{ group }}_{{ subject }}_conversion_rate,
    {%- endfor %}
    {%- endfor %}
    cast(coalesce(demonstrated.demo_count, 0) as integer) as demo_prospect_count,
    cast(coalesce(demonstrated.demo_converted_count, 0) as integer)
        as demo_prospect_converted_count,
    {{ mean('demonstrated.demo_converted_count', 'demonstrated.demo_count') }}
        as demo_prospect_conversion_rate
from months
left join support on months.month = support.month
{%- for subject in groups %}
left join {{ subject }}s on months.month = {{ subject }}s.month
{%- endfor %}
left join demonstrated on months.month = demonstrated.month
