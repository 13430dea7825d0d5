-- One row per activity of an identified customer before as_of, from every source, and whether it is
-- an inquiry, an advocacy signal or an opinion. In some CRMs a contact's id is an e-mail address.
-- Activities are served, so that id is a pseudonym here.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with thresholds as (
    select positive_rating, negative_rating, promoter_score, detractor_score, positive_sentiment
    from {{ ref('int_thresholds') }}
),

contacts as (
    select
        contacts.source_system, contacts.person_key, contacts.created_at as occurred_at,
        'contact_created' as activity,
        {{ pseudonym(
            dbt.concat(["'contact:'", 'contacts.source_system', "':'", 'contacts.contact_id']),
            'pseudonym_key.inner_pad', 'pseudonym_key.outer_pad'
        ) }} as subject_id, contacts.acquisition_channel as channel, contacts.campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        false as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_contacts') }} as contacts
    cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
    where contacts.deleted_at is null or contacts.deleted_at >= {{ as_of() }}
),

interactions as (
    select
        interactions.source_system, interactions.person_key, interactions.occurred_at,
        interactions.kind as activity, interactions.interaction_id as subject_id,
        interactions.channel, interactions.campaign,
        {{ money('null') }} as amount,
        interactions.direction,
        interactions.kind = 'social_post'
        and coalesce(interactions.sentiment >= thresholds.positive_sentiment, false)
            as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_interactions') }} as interactions
    cross join thresholds
    where interactions.deleted_at is null
),

tickets as (
    select
        source_system, person_key, opened_at as occurred_at, 'ticket_opened' as activity,
        ticket_id as subject_id, cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        false as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_support_tickets') }}
    where deleted_at is null
),

checkouts_started as (
    select
        source_system, person_key, started_at as occurred_at, 'checkout_started' as activity,
        checkout_id as subject_id, cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        false as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_checkouts') }}
    where deleted_at is null
),

reviews as (
    select
        reviews.source_system, reviews.person_key, reviews.reviewed_at as occurred_at,
        'review_written' as activity, reviews.review_id as subject_id, reviews.platform as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        coalesce(reviews.is_public and reviews.rating >= thresholds.positive_rating, false)
            as is_advocacy_signal,
        reviews.rating <= thresholds.negative_rating as is_negative_opinion
    from {{ ref('input_reviews') }} as reviews
    cross join thresholds
    where reviews.deleted_at is null
),

survey_responses as (
    select
        responses.source_system, responses.person_key, responses.responded_at as occurred_at,
        'survey_answered' as activity, responses.response_id as subject_id,
        responses.kind as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        responses.kind = 'nps' and responses.score >= thresholds.promoter_score
            as is_advocacy_signal,
        case when responses.kind = 'nps' then responses.score <= thresholds.detractor_score end
            as is_negative_opinion
    from {{ ref('input_survey_responses') }} as responses
    cross join thresholds
    where responses.deleted_at is null
),

referrals as (
    select
        source_system, person_key, referred_at as occurred_at, 'referral_made' as activity,
        referral_id as subject_id, cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        true as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_referrals') }}
    where deleted_at is null
),

loyalty_entries as (
    select
        source_system, person_key, occurred_at,
        case kind
            when 'earn' then 'loyalty_earned'
            when 'redeem' then 'loyalty_redeemed'
            when 'expire' then 'loyalty_expired'
            else 'loyalty_adjusted'
        end as activity,
        entry_id as subject_id, cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('null') }} as amount,
        cast(null as {{ dbt.type_string() }}) as direction,
        false as is_advocacy_signal,
        cast(null as boolean) as is_negative_opinion
    from {{ ref('input_loyalty_entries') }}
    where deleted_at is null
),

named as (
    {%- for relation in [
        'contacts', 'interactions', 'tickets', 'checkouts_started', 'reviews', 'survey_responses',
        'referrals', 'loyalty_entries',
    ] %}
    select * from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

customers as (
    select person_key, customer_id
    from {{ ref('int_person_keys_resolved') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

of_customers as (
    select
        customers.customer_id,
        named.source_system,
        named.occurred_at,
        named.activity,
        named.subject_id,
        named.channel,
        named.campaign,
        named.amount,
        named.direction,
        named.is_advocacy_signal,
        named.is_negative_opinion
    from named
    inner join customers
        on named.person_key = customers.person_key
    where named.occurred_at < {{ as_of() }}
    union all
    select *
    from {{ ref('int_order_activities') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
)

select
    {{ activity_key(
        'of_customers.source_system', 'of_customers.activity', 'of_customers.subject_id'
    ) }} as activity_key,
    of_customers.customer_id,
    of_customers.source_system,
    of_customers.activity,
    of_customers.subject_id,
    of_customers.channel,
    of_customers.campaign,
    of_customers.amount,
    activities.is_touch,
    activities.is_inquiry and coalesce(of_customers.direction, 'inbound') <> 'outbound'
        as is_inquiry,
    of_customers.is_advocacy_signal,
    of_customers.is_negative_opinion,
    of_customers.occurred_at
from of_customers
inner join {{ ref('activities') }} as activities
    on of_customers.activity = activities.activity
