-- One row per contact that the CRM merged into another one: that one, and the contact at the end of
-- such a chain. A chain longer than the rounds ends where they do: only the count of persons beside
-- an identifier reads the end.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
-- depends_on: {{ ref('int_merges_before') }} (it reads the previous table)
with listed as (
    select person_key, identifier_key, identifier_type, is_merge
    from {{ ref('int_identifiers_listed') }}
    where identifier_type = 'contact_id'
),

steps as (
    select contacts.identifier_key, others.identifier_key as merged_into_key
    from listed as others
    inner join listed as contacts
        on others.person_key = contacts.person_key
        and not contacts.is_merge
    where others.is_merge
),

ends_0 as (
    select identifier_key, merged_into_key as survivor_key
    from steps
){% set rounds = var('identity_rounds') %}
{%- for round in range(1, rounds + 1) %},

ends_{{ round }} as (
    select
        ends_{{ round - 1 }}.identifier_key,
        coalesce(steps.merged_into_key, ends_{{ round - 1 }}.survivor_key) as survivor_key
    from ends_{{ round - 1 }}
    left join steps
        on ends_{{ round - 1 }}.survivor_key = steps.identifier_key
){% endfor %}

select steps.identifier_key, steps.merged_into_key, ends_{{ rounds }}.survivor_key
from steps
inner join ends_{{ rounds }}
    on steps.identifier_key = ends_{{ rounds }}.identifier_key
