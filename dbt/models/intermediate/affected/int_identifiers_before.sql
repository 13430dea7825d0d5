-- One row per affected person_key of the previous build and identifier on it. Empty in a full
-- refresh.
with before as (
    {{ keys_before('int_identifiers_listed', ['person_key', 'identifier_key']) }}
)

select
    before.person_key,
    before.identifier_key
from before
inner join {{ ref('int_affected_person_keys') }} as affected
    on before.person_key = affected.person_key
