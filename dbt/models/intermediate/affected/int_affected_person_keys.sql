-- One row per person_key on a record that arrived, was corrected or became past since the previous
-- build, and per person_key on the version that such a record replaced. Empty in a full refresh.
{% set records = {
    'input_contacts': ['created_at', 'exited_at', 'deleted_at'],
    'input_interactions': ['occurred_at'],
    'input_support_tickets': ['opened_at', 'resolved_at', 'first_response_at'],
    'input_orders': ['ordered_at', 'delivered_at'],
    'input_checkouts': ['started_at', 'abandoned_at', 'completed_at'],
    'input_reviews': ['reviewed_at', 'reply_at'],
    'input_survey_responses': ['responded_at'],
    'input_referrals': ['referred_at'],
    'input_loyalty_entries': ['occurred_at'],
} %}
with changed as (
    {%- for record, times in records.items() %}
    select person_key
    from {{ ref(record) }}
    where
        _load_number > {{ last_load() }}
        {%- for time in times %}
        or {{ became_past(time) }}
        {%- endfor %}
    union
    select replaced_person_key as person_key
    from {{ ref(record) }}
    where _load_number > {{ last_load() }}
    union
    {%- endfor %}
    select orders.person_key
    from {{ ref('input_orders') }} as orders
    inner join {{ ref('int_affected_orders') }} as affected
        on orders.source_system = affected.source_system
        and orders.order_id = affected.order_id
)

select person_key
from changed
where
    person_key is not null
    and {{ is_incremental_build() }}
