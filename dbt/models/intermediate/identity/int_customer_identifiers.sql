-- One row per identifier and customer it leads to: who is who. Personal data: never served.
-- A view: the rows stand in int_identifiers_clustered already.
{{ config(materialized='view') }}
select
    nullif(identifier_scope, '') as source_system,
    identifier_type,
    identifier,
    customer_id
from {{ ref('int_identifiers_clustered') }}
