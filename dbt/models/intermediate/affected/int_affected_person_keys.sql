-- One row per person_key on a record that arrived, was corrected or became past since the previous
-- build, on the version that such a record replaced, and on a credit note whose exchange rate may
-- have changed. Empty in a full refresh.
{% set records = {
    'input_contacts': ['created_at', 'exited_at', 'deleted_at'],
    'input_interactions': ['occurred_at'],
    'input_support_tickets': ['opened_at', 'resolved_at', 'first_response_at'],
    'input_orders': ['ordered_at', 'delivered_at'],
    'input_refunds': ['refunded_at'],
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
    select refunds.person_key
    from {{ ref('input_refunds') }} as refunds
    inner join {{ ref('input_currency_rates') }} as rates
        on refunds.currency_code = rates.currency_code
    where
        refunds.order_id is null
        and (
            rates._load_number > {{ last_load() }}
            or {{ date_became_past('rates.rate_date') }}
        )
    union
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
