-- One row per identifier and its customer: the result of identity resolution. Personal data, never
-- served. A view of int_identifiers_clustered that shows the customer id as it is served, for
-- looking up a customer.
{{ config(materialized='view') }}
select
    nullif(identifier_scope, '') as source_system,
    identifier_type,
    identifier,
    {{ key_digits('customer_id') }} as customer_id
from {{ ref('int_identifiers_clustered') }}
