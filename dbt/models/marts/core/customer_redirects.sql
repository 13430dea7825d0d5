-- Grain: id that a customer could have had. A customer's id is the key of their earliest
-- identifier. Whatever arrives later, any id ever published is the key of one of the customer's
-- identifiers and redirects to the current id.
select
    identifier_key as former_customer_id,
    customer_id
from {{ ref('int_identifiers_clustered') }}
where identifier_key <> customer_id
