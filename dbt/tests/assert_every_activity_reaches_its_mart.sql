-- No activity is lost or multiplied: per system and kind, the mart has the records of the input
-- layer that name a person, and every review is in fct_reviews. Placeholders alone name nobody.
{{ config(meta={
    'dagster': {'ref': {'name': 'fct_customer_activities'}},
    'shows': ['source_system', 'activity', 'expected_count', 'shown_count'],
}) }}
{% set entities = {
    'input_support_tickets': ("'ticket_opened'", 'opened_at'),
    'input_checkouts': ("'checkout_started'", 'started_at'),
    'input_reviews': ("'review_written'", 'reviewed_at'),
    'input_survey_responses': ("'survey_answered'", 'responded_at'),
    'input_referrals': ("'referral_made'", 'referred_at'),
    'input_loyalty_entries': ("'loyalty'", 'occurred_at'),
    'input_interactions': ('kind', 'occurred_at'),
    'input_orders': ("'order_placed'", 'ordered_at'),
} %}
with unidentified as (
    select placeholders.person_key
    from {{ ref('int_placeholders_observed') }} as placeholders
    left join {{ ref('int_identifiers_listed') }} as listed
        on placeholders.person_key = listed.person_key
    where listed.person_key is null
),

input_records as (
    {%- for model, (activity, time_column) in entities.items() %}
    select source_system, {{ activity }} as activity, count(*) as record_count
    from {{ ref(model) }}
    where
        person_key is not null
        and deleted_at is null
        {%- if model == 'input_orders' %}
        and not coalesce(is_test, false)
        {%- endif %}
        and person_key not in (select unidentified.person_key from unidentified)
        and {{ time_column }} < {{ as_of() }}
    group by source_system, {{ activity }}
    union all
    {%- endfor %}
    select source_system, 'contact_created' as activity, count(*) as record_count
    from {{ ref('input_contacts') }}
    where
        created_at < {{ as_of() }}
        and (deleted_at is null or deleted_at >= {{ as_of() }})
        and person_key not in (select unidentified.person_key from unidentified)
    group by source_system
    union all
    select source_system, 'review' as activity, count(*) as record_count
    from {{ ref('input_reviews') }}
    where
        reviewed_at < {{ as_of() }}
        and deleted_at is null
    group by source_system
),

named as (
    select
        source_system,
        case when activity like 'loyalty_%' then 'loyalty' else activity end as activity
    from {{ ref('fct_customer_activities') }}
    where activity not in ('order_delivered', 'refund_issued', 'credit_note_issued')
    union all
    select source_system, 'review' as activity
    from {{ ref('fct_reviews') }}
),

mart_records as (
    select source_system, activity, count(*) as record_count
    from named
    group by source_system, activity
)

select
    coalesce(input_records.source_system, mart_records.source_system) as source_system,
    coalesce(input_records.activity, mart_records.activity) as activity,
    input_records.record_count as expected_count,
    mart_records.record_count as shown_count
from input_records
full outer join mart_records
    on input_records.source_system = mart_records.source_system
    and input_records.activity = mart_records.activity
where input_records.record_count is distinct from mart_records.record_count
