-- One row per customer with at least one contact that is not deleted: the CRM's data about them.
-- Each value comes from the newest contact that has one; the acquisition channel comes from the
-- oldest contact.
with contacts as (
    select
        customers.customer_id,
        contacts.country_code,
        contacts.company,
        contacts.birth_date,
        contacts.gender,
        contacts.referred_by,
        contacts.marketing_consent,
        contacts.acquisition_channel,
        row_number() over (
            partition by customers.customer_id
            order by
                coalesce(contacts.updated_at, contacts.created_at),
                contacts.source_system,
                contacts.contact_id
        ) as newness,
        row_number() over (
            partition by customers.customer_id
            order by contacts.created_at desc, contacts.source_system desc, contacts.contact_id desc
        ) as age_rank
    from {{ ref('input_contacts') }} as contacts
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on contacts.person_key = customers.person_key
    where
        contacts.created_at < {{ as_of() }}
        and (contacts.deleted_at is null or contacts.deleted_at >= {{ as_of() }})
),

channels as (
    select delivered_channel, acquisition_channel from {{ ref('int_channels') }}
)

select
    contacts.customer_id,
    max_by(
        contacts.country_code,
        case when contacts.country_code is not null then contacts.newness end
    ) as country_code,
    max_by(
        contacts.gender, case when contacts.gender is not null then contacts.newness end
    ) as gender,
    max_by(contacts.birth_date, case when contacts.birth_date is not null then contacts.newness end)
        as birth_date,
    max_by(
        case
            when contacts.referred_by is not null then 'referral'
            else coalesce(channels.acquisition_channel, 'unknown')
        end,
        case
            when contacts.acquisition_channel is not null or contacts.referred_by is not null
                then contacts.age_rank
        end
    ) as acquisition_channel,
    coalesce(max(case when contacts.company is not null then 1 else 0 end) = 1, false)
        as is_company,
    coalesce(max_by(contacts.marketing_consent, contacts.newness), false) as has_marketing_consent
from contacts
left join channels
    on contacts.acquisition_channel = channels.delivered_channel
group by contacts.customer_id
