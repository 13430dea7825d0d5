-- All joining identifiers of a record lead to one customer. If this fails, identity_rounds is too
-- small.
{{ config(meta={'dagster': {'ref': {'name': 'int_identifiers_clustered'}}}) }}
select observed.person_key
from {{ ref('int_identifiers_observed') }} as observed
inner join {{ ref('int_identifiers_clustered') }} as clusters
    on observed.identifier_key = clusters.identifier_key
where observed.is_joining
group by observed.person_key
having count(distinct clusters.customer_number) > 1
