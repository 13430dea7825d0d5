-- One row per customer whose history is computed again: one of their records changed, identity
-- resolution added or removed a link, or one of their time windows ended. Includes ids of customers
-- who no longer exist. Empty in a full refresh.
{% set before = table_before('int_orders_numbered') %}
with resolved as (
    select current_keys.person_key, current_keys.customer_id
    from {{ ref('int_person_keys_resolved') }} as current_keys
    where
        current_keys.person_key in (
            select identities.person_key from {{ ref('int_affected_identities') }} as identities
        )
),

resolved_before as (
    select person_key, customer_id from {{ ref('int_person_keys_before') }}
),

of_records as (
    select resolved.customer_id
    from resolved
    inner join {{ ref('int_affected_person_keys') }} as affected
        on resolved.person_key = affected.person_key
    union
    select resolved_before.customer_id
    from resolved_before
    inner join {{ ref('int_affected_person_keys') }} as affected
        on resolved_before.person_key = affected.person_key
),

resolved_otherwise as (
    select
        resolved.customer_id,
        resolved_before.customer_id as customer_id_before
    from resolved
    full outer join resolved_before
        on resolved.person_key = resolved_before.person_key
    where
        resolved.customer_id is null
        or resolved_before.customer_id is null
        or resolved.customer_id <> resolved_before.customer_id
),

windows_ended as (
    {%- if before %}
    select customer_id
    from {{ before }}
    where
        {{ became_past('lapse_ends_at') }}
        or {{ became_past('leaves_loyalty_window_at') }}
    {%- else %}
    select customer_id
    from resolved
    where false
    {%- endif %}
),

affected as (
    select customer_id from of_records
    union
    select customer_id from resolved_otherwise
    union
    select customer_id_before as customer_id from resolved_otherwise
    union
    select customer_id from windows_ended
)

select customer_id
from affected
where
    customer_id is not null
    and {{ is_incremental_build() }}
