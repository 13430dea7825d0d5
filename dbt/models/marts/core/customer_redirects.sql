-- Grain: id that a customer could have had. A customer is named after their earliest identifier; whatever was known
-- earlier or comes to light later, any id ever given out is the key of one of theirs, and leads to today's.
select
    identifier_key as former_customer_id,
    customer_id
from {{ ref('int_identifiers_clustered') }}
where identifier_key <> customer_id
