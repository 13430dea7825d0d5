-- One row per customer: what they did, bought and are.
create temp table indicators as
with activity as (
    select
        customer_id,
        min(occurred_at) filter (is_touch) as first_seen_at,
        max(occurred_at) filter (is_touch) as last_active_at,
        min_by(coalesce(channel, 'unknown'), occurred_at) filter (is_touch) as first_channel,
        min(occurred_at) filter (activity in ('email_sent', 'offer_sent')) as first_sent_at,
        count(*) filter (is_touch) as activity_count,
        count(*) filter (
            is_touch
            and occurred_at >= getvariable('as_of') - to_days(getvariable('strength_window_days'))
        ) as recent_activity_count,
        count(*) filter (activity = 'page_view') as page_view_count,
        count(*) filter (activity = 'content_view') as content_view_count,
        count(*) filter (activity = 'knowledge_base_view') as knowledge_base_view_count,
        count(*) filter (is_inquiry) as inquiry_count,
        count(*) filter (activity = 'offer_sent') as offer_sent_count,
        count(*) filter (activity = 'offer_taken') as offer_taken_count,
        count(*) filter (is_advocacy_signal) as advocacy_signal_count
    from core.fct_customer_activities
    group by customer_id
    having first_seen_at is not null
),

bought as (
    select
        customer_id,
        count(*) as counted_order_count,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        max(delivered_at) as last_delivered_at,
        count(*) filter (delivered_at > promised_at) as late_delivery_count,
        count(*) filter (
            ordered_at >= getvariable('as_of') - to_days(getvariable('strength_window_days'))
        ) as recent_order_count,
        sum(items_amount)::decimal(18, 2) as gross_amount,
        sum(discount_amount)::decimal(18, 2) as discount_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount,
        sum(net_amount)::decimal(18, 2) as net_amount,
        (sum(net_amount) - sum(cost_amount))::decimal(18, 2) as margin
    from orders
    where is_counted
    group by customer_id
),

last_orders as (
    select
        customer_id,
        net_amount::decimal(18, 2) as last_order_net_amount,
        lapse_window_days,
        lapse_ends_at::date as lapse_date
    from counted_orders
    where next_ordered_at is null
),

last_states as (
    select customer_id, in_window, open, delivered
    from states
    qualify row_number() over (partition by customer_id order by changed_at desc) = 1
),

opinions as (
    select
        customer_id,
        count(*) as review_count,
        avg(rating)::decimal(18, 6) as average_rating,
        avg((rating - 1) * 0.25)::decimal(18, 6) as satisfaction
    from core.fct_reviews
    group by customer_id
),

profiles as (
    select
        customer_id,
        channels.acquisition_channel,
        country_code,
        is_company,
        marketing_consent
    from input_contacts as contacts
    left join channels on contacts.acquisition_channel = channels.delivered_channel
    where not is_deleted
)

select
    activity.* exclude (first_channel),
    coalesce(channels.acquisition_channel, 'unknown') as first_touch_channel,
    bought.* exclude (customer_id),
    last_orders.* exclude (customer_id),
    last_states.* exclude (customer_id),
    opinions.* exclude (customer_id),
    profiles.* exclude (customer_id),
    datediff('day', bought.last_order_at::date, getvariable('as_of')::date) - 1
        as days_since_last_order,
    case
        when counted_order_count > 1
            then (
                datediff('day', first_order_at::date, bought.last_order_at::date)
                / (counted_order_count - 1)
            )::decimal(18, 6)
    end as average_days_between_orders,
    0::integer as nothing,
    0::decimal(18, 6) as no_points,
    null::decimal(18, 6) as no_average,
    null::integer as no_score,
    null::timestamp as no_time
from activity
left join channels on first_channel = channels.delivered_channel
left join bought using (customer_id)
left join last_orders using (customer_id)
left join last_states using (customer_id)
left join opinions using (customer_id)
left join profiles using (customer_id);
drop table states;

create table engagement.fct_relationship_strength as
with inputs as (
    select
        *,
        datediff('day', last_active_at::date, getvariable('as_of')::date)::integer
            as days_since_last_touch
    from indicators
),

points as (
    select
        inputs.*,
        weights_source,
        floor(recency_weight * case
            when last_order_at is null
                then getvariable('strength_neutral_share')::double
                    * greatest(1 - (days_since_last_touch - 1) / recency_days, 0)
            else greatest(1 - days_since_last_order / recency_days, 0)
        end + 0.5)::integer as recency_points,
        floor(
            frequency_weight * least(coalesce(recent_order_count, 0) / order_scale, 1) + 0.5
        )::integer as frequency_points,
        floor(
            interactions_weight * least(recent_activity_count / touch_scale, 1) + 0.5
        )::integer as interaction_points,
        floor(
            satisfaction_weight
            * coalesce(satisfaction, getvariable('strength_neutral_share'))::double + 0.5
        )::integer as satisfaction_points,
        floor(service_weight * getvariable('strength_neutral_share') + 0.5)::integer
            as service_points
    from inputs
    cross join strength_weights
    cross join (from strength_scales where origin_date = getvariable('as_of')::date) as scales
)

select
    customer_id,
    recency_points + frequency_points + interaction_points + satisfaction_points + service_points
        as relationship_strength,
    recency_points,
    frequency_points,
    interaction_points,
    satisfaction_points,
    service_points,
    days_since_last_touch,
    days_since_last_order::integer as days_since_last_order,
    coalesce(recent_order_count, 0)::integer as recent_order_count,
    recent_activity_count::integer as recent_activity_count,
    satisfaction as satisfaction_share,
    null::decimal(18, 6) as service_share,
    weights_source,
    strength_status,
    last_active_at
from points
cross join (
    select any_value(status) as strength_status
    from engagement.rpt_relationship_strength_backtest
    where component = 'relationship_strength'
) as judged;
drop table strength_scales;
drop table strength_weights;

create temp table current_stages as
select
    intervals.*,
    evidence.evidence_activity_key,
    next_actions.action as next_care_action,
    next_actions.due_date as care_due_date
from lifecycle.fct_customer_stage_intervals as intervals
inner join (from care.fct_care_actions where is_next) as next_actions
    on
        intervals.customer_id = next_actions.customer_id
        and intervals.lifecycle = next_actions.lifecycle
left join evidence
    on
        intervals.customer_id = evidence.customer_id
        and intervals.lifecycle = evidence.lifecycle
        and intervals.valid_from = evidence.valid_from
where is_current;
drop table evidence;

create table core.dim_customers as
select
    customer_id,
    coalesce(nullif(acquisition_channel, 'unknown'), first_touch_channel) as acquisition_channel,
    case
        when is_company then 'business_buyer'
        when counted_order_count >= getvariable('persona_order_count') then 'enthusiast'
        when
            gross_amount > 0
            and discount_amount >= getvariable('persona_discount_share') * gross_amount
            then 'bargain_hunter'
        when counted_order_count > 0 then 'occasional_buyer'
        when
            content_view_count + knowledge_base_view_count
            >= getvariable('persona_content_views')
            then 'researcher'
        else 'browser'
    end as persona,
    country_code,
    relationship.stage as relationship_stage,
    journey.stage as journey_stage,
    relationship.next_care_action,
    getvariable('currency') as currency_code,
    coalesce(counted_order_count, 0)::integer as counted_order_count,
    coalesce(gross_amount, 0)::decimal(18, 2) as lifetime_gross_revenue,
    coalesce(discount_amount, 0)::decimal(18, 2) as lifetime_discount_amount,
    coalesce(refund_amount, 0)::decimal(18, 2) as lifetime_refund_amount,
    coalesce(net_amount, 0)::decimal(18, 2) as lifetime_net_revenue,
    relationship_strength,
    coalesce(marketing_consent, false) as is_marketable,
    first_seen_at,
    indicators.last_active_at,
    relationship.valid_from as relationship_stage_since,
    journey.valid_from as journey_stage_since,
    first_order_at,
    last_order_at
from indicators
inner join engagement.fct_relationship_strength using (customer_id)
inner join (from current_stages where lifecycle = 'relationship') as relationship
    using (customer_id)
inner join (from current_stages where lifecycle = 'journey') as journey using (customer_id);
