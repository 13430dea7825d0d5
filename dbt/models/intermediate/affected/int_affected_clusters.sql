-- One row per customer of the previous build whose identifiers are clustered again. One of their
-- identifiers is on an affected record, is joined to such an identifier by an override, or appears
-- beside one that became shared or stopped being shared. Every change of identity lies within these
-- customers and new records. Empty in a full refresh.
with before as (
    {{ keys_before('int_identifiers_clustered', ['identifier_key', 'customer_id']) }}
),

listed as (
    select person_key, identifier_key from {{ ref('int_identifiers_listed') }}
),

on_affected as (
    select listed.identifier_key
    from listed
    inner join {{ ref('int_affected_person_keys') }} as affected
        on listed.person_key = affected.person_key
    union
    select identifier_key from {{ ref('int_identifiers_before') }}
),

shared as (
    select shared.identifier_key
    from {{ ref('int_identifiers_shared') }} as shared
    inner join {{ ref('int_affected_sharing') }} as affected
        on shared.identifier_key = affected.identifier_key
),

shared_otherwise as (
    select coalesce(shared.identifier_key, shared_before.identifier_key) as identifier_key
    from shared
    full outer join {{ ref('int_shared_before') }} as shared_before
        on shared.identifier_key = shared_before.identifier_key
    where
        shared.identifier_key is null
        or shared_before.identifier_key is null
),

carriers as (
    select distinct listed.person_key
    from listed
    inner join shared_otherwise
        on listed.identifier_key = shared_otherwise.identifier_key
),

changed as (
    select listed.identifier_key
    from listed
    inner join carriers
        on listed.person_key = carriers.person_key
    union
    select identifier_key from on_affected
    {%- for one, other in [
        ('identifier_key', 'other_identifier_key'), ('other_identifier_key', 'identifier_key'),
    ] %}
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
inner join changed
    on before.identifier_key = changed.identifier_key
