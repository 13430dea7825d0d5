-- Which identifiers belong to which customer.
create table core.customer_identity_ledger as
with identifiers as (
    select
        customer_id,
        customer_id as identifier_key,
        'contact_id' as identifier_type,
        getvariable('system') as source_system,
        coalesce(external_id_key, email_key, phone_key) as joined_with_key,
        -- Orders and messages may name a contact before the CRM does.
        coalesce(least(created_at, first_seen_at), created_at) as first_seen_at
    from input_contacts
    left join indicators using (customer_id)
    union all
    select customer_id, external_id_key, 'external_id', null, customer_id, created_at
    from input_contacts
    where external_id_key is not null
    union all
    select customer_id, email_key, 'email', null, customer_id, created_at
    from input_contacts
    where email_key is not null
    union all
    select customer_id, phone_key, 'phone', null, customer_id, created_at
    from input_contacts
    where phone_key is not null
    union all
    -- Who is no contact is known by an address alone.
    select customer_id, customer_id, 'email', null, null, first_seen_at
    from indicators
    anti join input_contacts using (customer_id)
)

select
    identifier_key,
    customer_id,
    identifier_type,
    source_system,
    if(joined_with_key is null, 'alone', 'record') as joined_by,
    joined_with_key,
    identifier_key = customer_id as is_eldest,
    false as is_shared,
    false as is_split,
    first_seen_at,
    case when joined_with_key is not null then first_seen_at end as joined_at
from identifiers;

create table core.customer_redirects as
select identifier_key as former_customer_id, customer_id
from core.customer_identity_ledger
where not is_eldest;
