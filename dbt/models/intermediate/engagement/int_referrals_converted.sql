-- One row per referral made before as_of: whether its order counts, and the net revenue of the
-- referred customer to date. A customer who was referred several times belongs to the first
-- referral.
with referrals as (
    select
        referrals.source_system,
        referrals.referral_id,
        referrals.referred_at,
        orders.order_id is not null as has_converted,
        orders.customer_id as referred_customer_id
    from {{ ref('input_referrals') }} as referrals
    left join {{ ref('int_orders_valued') }} as orders
        on referrals.source_system = orders.source_system
        and referrals.converted_order_id = orders.order_id
        and orders.is_counted
    where
        referrals.referred_at < {{ as_of() }}
        and referrals.deleted_at is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by referred_customer_id order by referred_at, source_system, referral_id
        ) as referral_number
    from referrals
)

select
    ranked.source_system,
    ranked.referral_id,
    ranked.referred_customer_id,
    ranked.has_converted,
    ranked.referred_customer_id is not null and ranked.referral_number = 1 as is_first_of_customer,
    {{ money('coalesce(orders.lifetime_net_revenue, 0)') }} as referred_net_revenue,
    ranked.referred_at
from ranked
left join {{ ref('int_customer_order_totals') }} as orders
    on ranked.referred_customer_id = orders.customer_id
