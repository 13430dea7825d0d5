-- One row per phone as delivered (digits with a leading +, or a national number): the same in E.164, by the library
-- that knows every country's rules (var `country` for national numbers). Phones it cannot read stay as they are.
{{ config(materialized=incremental_table(), incremental_strategy='append') }}
with phones as (
    select distinct phone
    from {{ ref('int_person_keys_observed') }}
    where
        phone is not null
        {%- if builds_incrementally() %}
        and phone not in (select phone from {{ this }})
        {%- endif %}
)

select
    phone,
    coalesce({{ e164('phone') }}, phone) as phone_number
from phones
