-- One row per shared identifier of the previous build that is judged again. Empty in a full
-- refresh.
with before as (
    {{ keys_before('int_identifiers_shared', ['identifier_key']) }}
)

select before.identifier_key
from before
inner join {{ ref('int_affected_sharing') }} as affected
    on before.identifier_key = affected.identifier_key
