-- One row per offer sent to a household (the start of a campaign) and per coupon it redeemed.
-- Versions are resolved here, before two tables become one record: after the join they would have
-- the same load number.
with campaigns as (
    select
        household_id,
        campaign_id,
        _load_number,
        _source_row,
        row_number() over (
            partition by household_id, campaign_id order by _load_number desc, _source_row desc
        ) as age_rank
    from {{ source('raw_complete_journey', 'campaigns') }}
    where {{ is_known('complete_journey') }}
),

campaign_descriptions as (
    select
        campaign_id,
        start_date,
        _load_number,
        row_number() over (
            partition by campaign_id order by _load_number desc, _source_row desc
        ) as age_rank
    from {{ source('raw_complete_journey', 'campaign_descriptions') }}
    where {{ is_known('complete_journey') }}
),

-- The same coupon redeemed twice on a day is two records of the source, so they are numbered.
coupon_redemptions as (
    select
        household_id,
        campaign_id,
        coupon_upc,
        redemption_date,
        _load_number,
        _source_row,
        row_number() over (
            partition by household_id, campaign_id, coupon_upc, redemption_date
            order by _load_number, _source_row
        ) as redemption_number
    from {{ source('raw_complete_journey', 'coupon_redemptions') }}
    where {{ is_known('complete_journey') }}
),

offers as (
    select
        {{ dbt.concat([
            "'offer-'", text('campaigns.campaign_id'), "'-'", text('campaigns.household_id'),
        ]) }}
            as interaction_id,
        {{ text('campaigns.household_id') }} as contact_id,
        'offer_sent' as kind,
        'outbound' as direction,
        {{ text('campaigns.campaign_id') }} as campaign,
        cast(null as {{ dbt.type_string() }}) as content_id,
        {{ utc_time('campaign_descriptions.start_date') }} as occurred_at,
        greatest(campaigns._load_number, campaign_descriptions._load_number) as _load_number,
        campaigns._source_row
    from campaigns
    inner join campaign_descriptions
        on campaigns.campaign_id = campaign_descriptions.campaign_id
    where
        campaigns.age_rank = 1
        and campaign_descriptions.age_rank = 1
),

redemptions as (
    select
        {{ dbt.concat([
            "'coupon-'", text('household_id'), "'-'", text('campaign_id'),
            "'-'", text('coupon_upc'),
            "'-'", text(delivered_date('redemption_date')), "'-'", text('redemption_number'),
        ]) }} as interaction_id,
        {{ text('household_id') }} as contact_id,
        'offer_taken' as kind,
        'inbound' as direction,
        {{ text('campaign_id') }} as campaign,
        {{ text('coupon_upc') }} as content_id,
        {{ utc_time('redemption_date') }} as occurred_at,
        _load_number,
        _source_row
    from coupon_redemptions
),

renamed as (
    select * from offers
    union all
    select * from redemptions
)

select
    'complete_journey' as source_system,
    interaction_id,
    contact_id,
    cast(null as {{ dbt.type_string() }}) as email,
    cast(null as {{ dbt.type_string() }}) as phone,
    cast(null as {{ dbt.type_string() }}) as external_id,
    content_id,
    kind,
    direction,
    'offline' as channel,
    campaign,
    cast(null as {{ dbt.type_string() }}) as outcome,
    cast(null as decimal(18, 6)) as sentiment,
    occurred_at,
    cast(null as timestamp) as deleted_at,
    cast(null as timestamp) as _version_at,
    _load_number,
    _source_row
from renamed
