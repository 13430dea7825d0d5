-- One row per delivered phone number (digits after a leading +, or a national number) with its
-- E.164 form. National numbers belong to the country in the var `country`. A number that cannot be
-- parsed is kept as delivered.
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
