with identifiers as (
    select customer_id, customer_id as identifier_key, 'contact_id' as identifier_type, 'generic' as source_system,
        coalesce(md5(external_id), md5(email), md5(phone)) as joined_with_key, created_at as first_seen_at
    from {{ ref('int_contacts') }} as contacts
    union all
    select customer_id, md5(external_id), 'external_id', null, customer_id, created_at
    from {{ ref('int_contacts') }} as contacts where external_id is not null
    union all
    select customer_id, md5(email), 'email', null, customer_id, created_at from {{ ref('int_contacts') }} as contacts where email is not null
    union all
    select customer_id, md5(phone), 'phone', null, customer_id, created_at from {{ ref('int_contacts') }} as contacts where phone is not null
    union all
    -- Who is no contact is known by an address alone.
    select customer_id, customer_id, 'email', null, null, first_seen_at
    from {{ ref('int_indicators') }} as indicators anti join {{ ref('int_contacts') }} as contacts using (customer_id)
)
select
    identifier_key, customer_id, identifier_type, source_system,
    case when joined_with_key is null then 'alone' else 'record' end as joined_by, joined_with_key,
    identifier_key = customer_id as is_eldest, false as is_shared, false as is_split, first_seen_at,
    case when joined_with_key is not null then first_seen_at end as joined_at
from identifiers
