-- One row per person_key that the last build knew: the customer it led to then. Read from the last build's own
-- table, before that is written again. Empty when everything is computed.
{% set before = adapter.get_relation(
    database=this.database, schema=this.schema, identifier='int_person_keys_resolved'
) if execute else none %}
{%- if before and build_heals() %}
select
    person_key,
    customer_id
from {{ before }}
{%- else %}
select
    cast(null as {{ type_key() }}) as person_key,
    cast(null as {{ type_key() }}) as customer_id
where false
{%- endif %}
