-- Few records carry a placeholder or a shared identifier. A warning: they are resolved by the rest
-- of what they carry, but a source that fills in a default may have to be mapped. Share:
-- identity_exception_share.
{{ config(
    meta={'dagster': {'ref': {'name': 'int_identifiers_observed'}}}, severity='warn',
    fail_calc='coalesce(sum(record_count), 0)'
) }}
with exceptions as (
    select person_key from {{ ref('int_placeholders_observed') }}
    where identifier_type <> 'merged_into'
    union
    select person_key from {{ ref('int_identifiers_observed') }}
    where is_shared
),

counted as (
    select
        sum(
            case when exceptions.person_key is not null then person_keys.record_count else 0 end
        ) as record_count,
        sum(person_keys.record_count) as identified_count
    from {{ ref('int_person_keys_observed') }} as person_keys
    left join exceptions
        on person_keys.person_key = exceptions.person_key
)

select counted.record_count, counted.identified_count
from counted
cross join {{ ref('int_thresholds') }} as thresholds
where counted.record_count > thresholds.identity_exception_share * counted.identified_count
