-- What led to an order, and what followed it.
-- Touchpoints with a channel: how many days before an order they share in its credit.
create temp table touches as
with windows as (
    select
        channel,
        coalesce(attribution_days, getvariable('attribution_window_days'))::integer as days
    from read_csv(getvariable('seeds') || '/attribution_channels.csv', header = true)
),

kinds as (
    select activity, channel as usual_channel
    from read_csv(getvariable('seeds') || '/touchpoints.csv', header = true)
)

select
    customer_id, windows.channel, campaign, activity, subject_id, occurred_at, days,
    fct_customer_activities.channel is not null and channels.delivered_channel is null as is_odd
from core.fct_customer_activities
inner join kinds using (activity)
left join channels on fct_customer_activities.channel = delivered_channel
left join windows
    on coalesce(nullif(attribution_channel, 'unknown'), usual_channel) = windows.channel;

-- Touchpoints in the window before an order share in its credit, and so does the channel it names.
create temp table credits as
with found as (
    select order_id, touches.channel, campaign, occurred_at, activity, subject_id
    from counted_orders
    inner join touches
        on
            counted_orders.customer_id = touches.customer_id
            and occurred_at >= ordered_at - to_days(days)
            and occurred_at <= ordered_at
    where touches.channel is not null
    union all
    select order_id, attribution_channel, null, ordered_at, null, order_id
    from orders
    inner join channels on channel = delivered_channel
    where is_marketing
),

paired as (
    select
        order_id, counted_orders.net_amount, counted_orders.ordered_at,
        coalesce(found.channel, attribution_channel, 'unknown') as channel,
        coalesce(campaign, 'none') as campaign,
        row_number() over (
            partition by order_id order by occurred_at, activity nulls last, subject_id
        ) as place,
        count(*) over (partition by order_id) as place_count
    from counted_orders
    left join found using (order_id)
    left join orders using (order_id)
    left join channels on orders.channel = delivered_channel
)

select
    order_id, date_trunc('month', ordered_at)::date as month, channel, net_amount,
    campaign,
    (place = 1)::integer as first,
    (place = place_count)::integer as last,
    1 / place_count as linear,
    case
        when place_count = 1 then 1
        when place_count = 2 then 0.5
        when place = 1 then getvariable('attribution_first_share')
        when place = place_count then getvariable('attribution_last_share')
        else (
            1 - getvariable('attribution_first_share') - getvariable('attribution_last_share')
        ) / (place_count - 2)
    end::double as position_based
from paired;

create table engagement.rpt_campaign_attribution as
with summed as (
    select
        month, channel, campaign,
        [sum(first), sum(last), sum(linear), sum(position_based)] as orders,
        [
            sum(first * net_amount), sum(last * net_amount), sum(linear * net_amount),
            sum(position_based * net_amount)
        ]
            as revenues
    from credits
    group by month, channel, campaign
)

select
    month, unnest(['first', 'last', 'linear', 'position_based']) as attribution_model, channel,
    campaign,
    unnest(orders)::decimal(18, 6) as credited_order_count,
    unnest(revenues)::decimal(18, 2) as credited_net_revenue,
    getvariable('currency') as currency_code
from summed;

create table engagement.rpt_channel_attribution as
select
    month, attribution_model, channel,
    sum(credited_order_count)::decimal(18, 6) as credited_order_count,
    sum(credited_net_revenue)::decimal(18, 2) as credited_net_revenue,
    currency_code
from engagement.rpt_campaign_attribution
group by month, attribution_model, channel, currency_code;

create table engagement.rpt_unattributed_orders as
with reasons as (
    select
        order_id, month, credits.net_amount, orders.customer_id,
        orders.channel is not null and channels.delivered_channel is null as is_odd,
        max(
            case
                when occurred_at < orders.ordered_at - to_days(days) then 0
                when touches.is_odd then 2
                else 1
            end
        )
            as nearness
    from credits
    inner join orders using (order_id)
    left join channels on orders.channel = delivered_channel
    left join touches
        on orders.customer_id = touches.customer_id and occurred_at <= orders.ordered_at
    where credits.channel = 'unknown'
    group by all
),

explained as (
    select
        month, net_amount,
        case
            when is_odd or nearness = 2 then 'channel_not_mapped'
            when customer_id is null then 'unidentified'
            when nearness = 1 then 'channel_not_given'
            when nearness = 0 then 'touch_too_old'
            else 'no_touch'
        end
            as reason
    from reasons
),

months as (
    select date_trunc('month', ordered_at)::date as month, count(*) as all_count
    from counted_orders
    group by all
)

select
    month, reason,
    count(net_amount)::integer as order_count,
    (count(net_amount) / all_count)::decimal(18, 6) as order_share,
    coalesce(sum(net_amount), 0)::decimal(18, 2) as net_revenue,
    getvariable('currency') as currency_code
from months
cross join (
    select
        unnest([
            'channel_not_mapped', 'channel_not_given', 'touch_too_old', 'no_touch', 'unidentified'
        ]) as reason
) as reasons
left join explained using (month, reason)
group by month, reason, all_count;
drop table touches;
drop table credits;

create table engagement.rpt_content_performance as
with views as (
    select content_id, customer_id, occurred_at
    from input_interactions
    where activity in ('content_view', 'knowledge_base_view') and content_id is not null
),

-- Of all customers known by a day, the share who ordered on that day or later.
base_rates as (
    select days.day, avg((last_order_at::date >= days.day)::integer)::decimal(18, 6) as base_share
    from (select distinct occurred_at::date as day from views) as days
    inner join (
        select first_seen_at, coalesce(last_order_at, '-infinity'::timestamp) as last_order_at
        from indicators
    ) as known
        on known.first_seen_at::date <= days.day
    group by days.day
),

audiences as (
    select
        content_id,
        count(*) as viewer_count,
        avg(base_share) as base_share,
        count(*) filter (last_order_at >= first_viewed_at) as later_buyer_count,
        count(*) filter (first_order_at >= first_viewed_at) as new_buyer_count
    from (
        select content_id, customer_id, min(occurred_at) as first_viewed_at from views
        where customer_id is not null group by content_id, customer_id
    )
    left join indicators using (customer_id)
    left join base_rates on first_viewed_at::date = day
    group by content_id
),

ways as (
    select
        order_id,
        net_amount,
        min_by(content_id, occurred_at) as first_content,
        max_by(content_id, occurred_at) as last_content
    from counted_orders
    inner join views
        on
            counted_orders.customer_id = views.customer_id
            and occurred_at > credited_after
            and occurred_at <= ordered_at
    group by order_id, net_amount
),

opened as (
    select first_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue
    from ways
    group by all
),

closed as (
    select last_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue
    from ways
    group by all
),

totals as (
    select
        content_id,
        count(*) as view_count,
        min(occurred_at) as first_viewed_at,
        max(occurred_at) as last_viewed_at
    from views
    group by content_id
)

select
    content_id, getvariable('system') as source_system, view_count::integer as view_count,
    coalesce(viewer_count, 0)::integer as viewer_count,
    coalesce(later_buyer_count, 0)::integer as later_buyer_count,
    (later_buyer_count / viewer_count)::decimal(18, 6) as later_buyer_share,
    base_share::decimal(18, 6) as later_buyer_base_share,
    coalesce(new_buyer_count, 0)::integer as new_buyer_count,
    (coalesce(new_buyer_count, 0) / (select count(first_order_at) from indicators))::decimal(18, 6)
        as new_buyer_reach,
    (coalesce(viewer_count, 0) / (select count(*) from indicators))::decimal(18, 6)
        as customer_reach,
    coalesce(opened.order_count, 0)::integer as first_touch_order_count,
    coalesce(opened.net_revenue, 0)::decimal(18, 2) as first_touch_net_revenue,
    coalesce(closed.order_count, 0)::integer as last_touch_order_count,
    coalesce(closed.net_revenue, 0)::decimal(18, 2) as last_touch_net_revenue,
    getvariable('currency') as currency_code,
    first_viewed_at,
    last_viewed_at
from totals
left join audiences using (content_id)
left join opened using (content_id)
left join closed using (content_id);

create table engagement.rpt_checkout_funnel (
    month date, step varchar, step_rank integer, reached_count integer, reach_rate decimal(18, 6),
    continued_count integer,
    abandoned_count integer,
    abandonment_rate decimal(18, 6),
    recovered_count integer,
    median_minutes_to_order decimal(18, 6)
);

create table engagement.rpt_support_effect as
with askers as (
    select
        date_trunc('month', occurred_at)::date as month, customer_id,
        bool_or(activity = 'knowledge_base_view') as was_reader,
        bool_or(activity in ('chat', 'call', 'meeting', 'demo')) as was_spoken_with
    from core.fct_customer_activities
    where is_inquiry or activity in ('call', 'meeting', 'demo')
    group by all
    having bool_or(is_inquiry)
),

asked as (
    select
        month, count(*) as asker_count,
        count(*) filter (not was_spoken_with) as deflected_asker_count,
        count(*) filter (was_reader) as reader_count,
        count(*) filter (was_reader and not was_spoken_with) as deflected_reader_count
    from askers
    group by month
),

prospects as (
    select
        date_trunc('month', first_seen_at)::date as month,
        coalesce(
            first_sent_at <= first_seen_at + to_days(getvariable('outreach_window_days'))
            and (first_order_at is null or first_order_at > first_sent_at), false
        ) as was_reached,
        coalesce(
            first_order_at <= first_seen_at + to_days(getvariable('conversion_window_days')), false
        ) as has_converted
    from indicators
    where (first_order_at is null or first_order_at > first_seen_at)
        and first_seen_at + to_days(getvariable('conversion_window_days')) < getvariable('as_of')
),

reached as (
    select
        month, count(*) filter (was_reached) as reached_count,
        count(*) filter (was_reached and has_converted) as reached_converted_count,
        count(*) filter (not was_reached) as unreached_count,
        count(*) filter (not was_reached and has_converted) as unreached_converted_count
    from prospects
    group by month
)

select
    month,
    coalesce(asker_count, 0)::integer as asker_count,
    coalesce(asker_count, 0)::integer as asker_without_ticket_count,
    coalesce(deflected_asker_count, 0)::integer as deflected_asker_count,
    (deflected_asker_count / asker_count)::decimal(18, 6) as deflection_rate,
    coalesce(reader_count, 0)::integer as knowledge_base_reader_count,
    coalesce(deflected_reader_count, 0)::integer as deflected_reader_count,
    (deflected_reader_count / nullif(reader_count, 0))::decimal(18, 6) as self_service_rate,
    0 as ticket_count,
    0 as ticket_after_self_service_count, 0 as responded_ticket_count,
    null::decimal(18, 6) as median_first_response_hours, 0 as supported_decision_count,
    0 as supported_decision_converted_count,
    null::decimal(18, 6) as supported_decision_conversion_rate,
    0 as unsupported_decision_count, 0 as unsupported_decision_converted_count,
    null::decimal(18, 6) as unsupported_decision_conversion_rate,
    coalesce(reached_count, 0)::integer as reached_prospect_count,
    coalesce(reached_converted_count, 0)::integer as reached_prospect_converted_count,
    (reached_converted_count / nullif(reached_count, 0))::decimal(18, 6)
        as reached_prospect_conversion_rate,
    coalesce(unreached_count, 0)::integer as unreached_prospect_count,
    coalesce(unreached_converted_count, 0)::integer as unreached_prospect_converted_count,
    (unreached_converted_count / nullif(unreached_count, 0))::decimal(18, 6)
        as unreached_prospect_conversion_rate,
    0 as demo_prospect_count, 0 as demo_prospect_converted_count,
    null::decimal(18, 6) as demo_prospect_conversion_rate
from (select distinct month_start_date as month from core.dim_dates) as months
left join asked using (month)
left join reached using (month);

create table engagement.rpt_advocacy as
select
    date_trunc('month', reviewed_at)::date as month, coalesce(platform, 'unknown') as platform,
    count(*)::integer as review_count, count(*) filter (is_public)::integer as public_review_count,
    count(*) filter (rating >= getvariable('positive_rating'))::integer as positive_review_count,
    count(*) filter (rating <= getvariable('negative_rating'))::integer as negative_review_count,
    0 as replied_review_count,
    avg(rating)::decimal(18, 6) as average_rating,
    0 as nps_answer_count,
    0 as promoter_count,
    0 as passive_count,
    0 as detractor_count, null::decimal(18, 6) as net_promoter_score, 0 as referral_count,
    0 as converted_referral_count,
    null::decimal(18, 6) as referral_conversion_rate,
    0 as referred_customer_count,
    0::decimal(18, 2) as referred_net_revenue, getvariable('currency') as currency_code
from core.fct_reviews
group by month, coalesce(platform, 'unknown');

create table engagement.rpt_loyalty as
with ordered as (
    select
        date_trunc('month', ordered_at)::date as month, count(*) as order_count,
        count(distinct customer_id) as customer_count, sum(net_amount) as net_revenue
    from counted_orders
    group by all
),

taken as (
    select date_trunc('month', occurred_at)::date as month, count(*) as offer_taken_count
    from core.fct_customer_activities
    where activity = 'offer_taken'
    group by all
)

select
    months.month,
    'none' as tier,
    0::decimal(18, 6) as earned_points,
    0::decimal(18, 6) as redeemed_points,
    0::decimal(18, 6) as expired_points,
    0::decimal(18, 6) as adjusted_points,
    0::decimal(18, 6) as points_balance,
    0 as member_count, coalesce(ordered.customer_count, 0)::integer as ordering_customer_count,
    coalesce(ordered.order_count, 0)::integer as order_count,
    coalesce(ordered.net_revenue, 0)::decimal(18, 2) as net_revenue,
    coalesce(loyal.customer_count, 0)::integer as loyal_customer_count,
    coalesce(loyal.order_count, 0)::integer as loyal_order_count,
    coalesce(loyal.net_revenue, 0)::decimal(18, 2) as loyal_net_revenue,
    coalesce(taken.offer_taken_count, 0)::integer as offer_taken_count,
    getvariable('currency') as currency_code
from (select distinct month_start_date as month from core.dim_dates) as months
left join ordered on months.month = ordered.month
left join taken on months.month = taken.month
left join ordered_in_stages as loyal
    on months.month = loyal.month and loyal.lifecycle = 'relationship' and loyal.stage = 'loyal';

create table engagement.rpt_personas as
with mixes as (
    select
        persona,
        lifecycle,
        stage,
        count(*) as customer_count,
        count(*) filter (counted_order_count > 0) as buyer_count,
        sum(counted_order_count) as order_count, sum(lifetime_net_revenue) as net_revenue
    from beginnings
    inner join stages using (stage)
    inner join core.dim_customers using (customer_id, persona)
    group by persona, lifecycle, stage
)

select
    persona, stages.lifecycle, stages.stage, stage_rank::integer as stage_rank,
    coalesce(customer_count, 0)::integer as customer_count,
    (
        coalesce(customer_count, 0)
        / sum(customer_count) over (partition by persona, stages.lifecycle)
    )::decimal(18, 6)
        as customer_share,
    coalesce(buyer_count, 0)::integer as buyer_count,
    coalesce(order_count, 0)::integer as counted_order_count,
    coalesce(net_revenue, 0)::decimal(18, 2) as lifetime_net_revenue,
    getvariable('currency') as currency_code
from (
    select
        unnest([
            'business_buyer', 'enthusiast', 'bargain_hunter', 'occasional_buyer', 'researcher',
            'browser'
        ]) as persona
) as personas
cross join stages
left join mixes using (persona, lifecycle, stage);

create table engagement.fct_post_purchase as
select
    order_id, getvariable('system') as source_system, customer_id, is_counted, false as was_thanked,
    null::integer as minutes_to_thank_you,
    false as was_followed_up,
    null::integer as hours_to_follow_up,
    0 as csat_answer_count, null::decimal(18, 6) as csat_score,
    case
        when promised_at is null then 'none'
        when delivered_at <= promised_at then 'kept'
        when delivered_at > promised_at then 'late'
        when promised_at < getvariable('as_of') then 'overdue'
        else 'open'
    end as delivery_promise,
    case
        when delivered_at > promised_at
            then floor((epoch(delivered_at) - epoch(promised_at)) / 3600)
    end::integer
        as hours_late,
    ordered_at, no_time as thanked_at, promised_at, delivered_at, no_time as followed_up_at
from (select *, null::timestamp as no_time from orders)
where status not in ('cancelled', 'failed');
