-- One row per interaction before as_of with the customer it belongs to (null: it names nobody) and whether
-- it came from us. What only we send is ours whatever its direction says.
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
        occurred_at
    from {{ ref('input_interactions') }}
    where occurred_at < {{ as_of() }}
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
