-- One row per delivered phone number (digits after a leading +, or a national number) with its
-- E.164 form. National numbers belong to the country in the var `country`. A number that cannot be
-- parsed is kept as delivered.
{{ config(materialized=incremental_table(), incremental_strategy='append') }}
with phones as (
    select distinct observed.phone
    from {{ ref('int_person_keys_observed') }} as observed
    where
        observed.phone is not null
        {%- if builds_incrementally() %}
        and observed.phone not in (select known.phone from {{ this }} as known)
        {%- endif %}
)

select
    phone,
    coalesce({{ e164('phone') }}, phone) as phone_number
from phones
