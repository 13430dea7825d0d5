-- One row per touched person_key that the last build knew and identifier on it. Empty when everything is computed.
with before as (
    {{ keys_before('int_identifiers_listed', ['person_key', 'identifier_key']) }}
)

select
    before.person_key,
    before.identifier_key
from before
inner join {{ ref('int_affected_person_keys') }} as touched
    on before.person_key = touched.person_key
