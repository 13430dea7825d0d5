select
    customer_id,
    coalesce(nullif(acquisition_channel, 'unknown'), first_touch_channel) as acquisition_channel,
    case
        when is_company then 'business_buyer'
        when counted_order_count >= 4 then 'enthusiast'
        when discount_amount / nullif(gross_amount::double, 0) >= 0.15 then 'bargain_hunter'
        when counted_order_count > 0 then 'occasional_buyer'
        when content_view_count + knowledge_base_view_count >= 3 then 'researcher'
        else 'browser'
    end as persona,
    country_code, relationship.stage as relationship_stage, journey.stage as journey_stage,
    relationship.next_care_action, 'EUR' as currency_code,
    coalesce(counted_order_count, 0)::integer as counted_order_count,
    coalesce(gross_amount, 0)::decimal(18, 2) as lifetime_gross_revenue,
    coalesce(discount_amount, 0)::decimal(18, 2) as lifetime_discount_amount,
    coalesce(refund_amount, 0)::decimal(18, 2) as lifetime_refund_amount,
    coalesce(net_amount, 0)::decimal(18, 2) as lifetime_net_revenue,
    relationship_strength,
    coalesce(marketing_consent, false) as is_marketable, first_seen_at, indicators.last_active_at,
    relationship.valid_from as relationship_stage_since, journey.valid_from as journey_stage_since, first_order_at, last_order_at
from {{ ref('int_indicators') }} as indicators
inner join {{ ref('fct_relationship_strength') }} as fct_relationship_strength using (customer_id)
inner join (from {{ ref('int_current_stages') }} as current_stages where lifecycle = 'relationship') as relationship using (customer_id)
inner join (from {{ ref('int_current_stages') }} as current_stages where lifecycle = 'journey') as journey using (customer_id)
