-- One row per interaction before as_of, with its customer (null: unidentified) and whether we sent
-- it. Kinds that only we send are ours whatever their direction. An incremental build replaces the
-- rows of new interactions, of those that became past, and of affected customers.
{{ config(
    materialized=incremental_table(), unique_key=['source_system', 'interaction_id'],
    pre_hook="{{ delete_moved_ahead(
        'input_interactions', ['source_system', 'interaction_id'], 'occurred_at'
    ) }}"
) }}
with interactions as (
    select
        source_system,
        interaction_id,
        person_key,
        content_id,
        kind,
        direction,
        channel,
        campaign,
        occurred_at,
        _load_number > {{ last_load() }} or {{ became_past('occurred_at') }} as is_new
    from {{ ref('input_interactions') }}
    where
        occurred_at < {{ as_of() }}
        and deleted_at is null
)

select
    interactions.source_system,
    interactions.interaction_id,
    customers.customer_id,
    interactions.content_id,
    interactions.kind,
    interactions.channel,
    interactions.campaign,
    coalesce(interactions.direction, 'inbound') = 'outbound'
    or interactions.kind in ('email_sent', 'thank_you', 'follow_up', 'offer_sent', 'win_back_offer')
        as is_outbound,
    interactions.occurred_at
from interactions
left join {{ ref('int_person_keys_resolved') }} as customers
    on interactions.person_key = customers.person_key
where
    true
    {{ only_affected_or(
        'customers.customer_id', 'int_affected_customers',
        'interactions.is_new'
        ~ ' or (customers.customer_id is null and interactions.person_key is not null)'
    ) }}
