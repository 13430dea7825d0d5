-- Grain: customer with at least one touch before as_of.
with totals as (
    select * from {{ ref('int_customer_activity_totals') }}
),

relationship as (
    select customer_id, stage, valid_from
    from {{ ref('int_customer_current_stages') }}
    where lifecycle = 'relationship'
),

journey as (
    select customer_id, stage, valid_from
    from {{ ref('int_customer_current_stages') }}
    where lifecycle = 'journey'
),

care as (
    {{ next_care_actions('relationship') }}
),

joined as (
    select
        totals.customer_id,
        totals.first_seen_at,
        totals.last_active_at,
        coalesce(
            case
                when profiles.acquisition_channel <> 'unknown' then profiles.acquisition_channel
            end,
            totals.first_touch_channel
        ) as acquisition_channel,
        profiles.country_code,
        coalesce(profiles.is_company, false) as is_company,
        relationship.stage as relationship_stage,
        relationship.valid_from as relationship_stage_since,
        journey.stage as journey_stage,
        journey.valid_from as journey_stage_since,
        coalesce(orders.counted_order_count, 0) as counted_order_count,
        orders.first_order_at,
        orders.last_order_at,
        coalesce(orders.lifetime_gross_revenue, 0) as lifetime_gross_revenue,
        coalesce(orders.lifetime_discount_amount, 0) as lifetime_discount_amount,
        coalesce(orders.lifetime_refund_amount, 0) as lifetime_refund_amount,
        coalesce(orders.lifetime_net_revenue, 0) as lifetime_net_revenue,
        reporting.currency_code,
        strengths.relationship_strength,
        coalesce(profiles.has_marketing_consent, false) as is_marketable,
        care.action as next_care_action,
        totals.content_view_count + totals.knowledge_base_view_count as content_views
    from totals
    cross join {{ ref('int_reporting_currency') }} as reporting
    inner join relationship on totals.customer_id = relationship.customer_id
    inner join journey on totals.customer_id = journey.customer_id
    inner join {{ ref('int_customer_strengths') }} as strengths
        on totals.customer_id = strengths.customer_id
    left join {{ ref('int_customer_profiles') }} as profiles
        on totals.customer_id = profiles.customer_id
    left join {{ ref('int_customer_order_totals') }} as orders
        on totals.customer_id = orders.customer_id
    left join care on totals.customer_id = care.customer_id
)

select
    joined.customer_id,
    joined.acquisition_channel,
    {{ persona_of(var('personas')) }} as persona,
    joined.country_code,
    joined.relationship_stage,
    joined.journey_stage,
    joined.next_care_action,
    joined.currency_code,
    joined.counted_order_count,
    {{ money('joined.lifetime_gross_revenue') }} as lifetime_gross_revenue,
    {{ money('joined.lifetime_discount_amount') }} as lifetime_discount_amount,
    {{ money('joined.lifetime_refund_amount') }} as lifetime_refund_amount,
    {{ money('joined.lifetime_net_revenue') }} as lifetime_net_revenue,
    joined.relationship_strength,
    joined.is_marketable,
    joined.first_seen_at,
    joined.last_active_at,
    joined.relationship_stage_since,
    joined.journey_stage_since,
    joined.first_order_at,
    joined.last_order_at
from joined
cross join {{ ref('int_thresholds') }}
