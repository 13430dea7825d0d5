-- One row per customer, as the last build knew them, whose identifiers must be clustered again: a touched record
-- carries one of them, or one that a person joined with one of them, or one beside one that may have become
-- shared, or no longer is. Whatever changes is within these and what is new. Empty when everything is computed.
with before as (
    {{ keys_before('int_identifiers_clustered', ['identifier_key', 'customer_id']) }}
),

listed as (
    select person_key, identifier_key from {{ ref('int_identifiers_listed') }}
),

on_affected as (
    select listed.identifier_key
    from listed
    inner join {{ ref('int_affected_person_keys') }} as touched
        on listed.person_key = touched.person_key
    union
    select identifier_key from {{ ref('int_identifiers_before') }}
),

carriers as (
    select distinct listed.person_key
    from listed
    inner join on_affected
        on listed.identifier_key = on_affected.identifier_key
),

beside as (
    select listed.identifier_key
    from listed
    inner join carriers
        on listed.person_key = carriers.person_key
    union
    select identifier_key from on_affected
    {%- for one, other in [('identifier_key', 'other_identifier_key'), ('other_identifier_key', 'identifier_key')] %}
    union
    select {{ typed_key('overrides.' ~ one) }} as identifier_key
    from {{ ref('identity_overrides') }} as overrides
    inner join on_affected
        on {{ typed_key('overrides.' ~ other) }} = on_affected.identifier_key
    where overrides.override_action = 'join'
    {%- endfor %}
)

select distinct before.customer_id
from before
inner join beside
    on before.identifier_key = beside.identifier_key
