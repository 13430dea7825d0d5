with asked as (
    select
        date_trunc('month', occurred_at)::date as month, count(distinct customer_id) as asker_count,
        count(distinct customer_id) filter (activity = 'knowledge_base_view') as reader_count
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    where is_inquiry
    group by all
),
prospects as (
    select
        date_trunc('month', first_seen_at)::date as month,
        coalesce(
            first_sent_at <= first_seen_at + interval 30 day
            and (first_order_at is null or first_order_at > first_sent_at), false
        ) as was_reached,
        coalesce(first_order_at <= first_seen_at + interval 90 day, false) as has_converted
    from {{ ref('int_indicators') }} as indicators
    where (first_order_at is null or first_order_at > first_seen_at)
        and first_seen_at + interval 90 day <= timestamp '{{ var("as_of") }}'
),
reached as (
    select
        month, count(*) filter (was_reached) as reached_count,
        count(*) filter (was_reached and has_converted) as reached_converted_count,
        count(*) filter (not was_reached) as unreached_count,
        count(*) filter (not was_reached and has_converted) as unreached_converted_count
    from prospects
    group by month
)
select
    month, coalesce(asker_count, 0)::integer as asker_count, coalesce(asker_count, 0)::integer as asker_without_ticket_count,
    if(asker_count > 0, 1, null)::decimal(18, 6) as deflection_rate,
    coalesce(reader_count, 0)::integer as knowledge_base_reader_count,
    if(reader_count > 0, 1, null)::decimal(18, 6) as self_service_rate, 0 as ticket_count,
    0 as ticket_after_self_service_count, 0 as responded_ticket_count,
    null::decimal(18, 6) as median_first_response_hours, 0 as supported_decision_count,
    0 as supported_decision_converted_count, null::decimal(18, 6) as supported_decision_conversion_rate,
    0 as unsupported_decision_count, 0 as unsupported_decision_converted_count,
    null::decimal(18, 6) as unsupported_decision_conversion_rate,
    coalesce(reached_count, 0)::integer as reached_prospect_count,
    coalesce(reached_converted_count, 0)::integer as reached_prospect_converted_count,
    (reached_converted_count / nullif(reached_count, 0))::decimal(18, 6) as reached_prospect_conversion_rate,
    coalesce(unreached_count, 0)::integer as unreached_prospect_count,
    coalesce(unreached_converted_count, 0)::integer as unreached_prospect_converted_count,
    (unreached_converted_count / nullif(unreached_count, 0))::decimal(18, 6) as unreached_prospect_conversion_rate,
    0 as demo_prospect_count, 0 as demo_prospect_converted_count,
    null::decimal(18, 6) as demo_prospect_conversion_rate
from (select distinct month_start_date as month from {{ ref('dim_dates') }} as dim_dates) as months
left join asked using (month)
left join reached using (month)
