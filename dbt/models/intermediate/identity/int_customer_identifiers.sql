-- One row per identifier and customer it leads to: who is who. Personal data: never served.
-- A view: the rows stand in int_identifiers_clustered already. The customer's id as it is served, for who looks one up.
{{ config(materialized='view') }}
select
    nullif(identifier_scope, '') as source_system,
    identifier_type,
    identifier,
    {{ key_digits('customer_id') }} as customer_id
from {{ ref('int_identifiers_clustered') }}
