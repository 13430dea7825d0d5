-- One row per customer of the previous build whose identifiers are clustered again. One of their
-- identifiers is on an affected record, is joined to such an identifier by an override, or appears
-- beside one that may have become shared or stopped being shared. Every change of identity lies
-- within these customers and new records. Empty in a full refresh.
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
inner join beside
    on before.identifier_key = beside.identifier_key
