-- How relationship strength would have ranked past buyers, and the weights that follow. No source
-- delivers tickets or surveys: service is neutral, satisfaction is that of reviews.
create temp table strength_dates as
select
    (
        date_trunc(
            'month', getvariable('as_of')::date - getvariable('strength_horizon_days')::integer
        ) - to_months((getvariable('strength_origin_months') * step)::integer)
    )::date as origin_date
from range(getvariable('strength_origin_count')::bigint) as steps (step)
union all
select getvariable('as_of')::date;

create temp table strength_buyers as
with sample as (
    select customer_id, min(ordered_at)::date as first_day
    from counted_orders
    where customer_id is not null
    group by customer_id
    order by customer_id
    limit getvariable('strength_backtest_customers')
),

dated as (
    select
        customer_id, origin_date,
        origin_date - getvariable('strength_window_days')::integer as since,
        origin_date + getvariable('strength_horizon_days')::integer as until
    from sample
    inner join strength_dates on first_day < origin_date
),

bought as (
    select
        dated.customer_id, origin_date,
        origin_date - max(ordered_at::date) filter (ordered_at::date < origin_date) - 1 as days,
        count(*) filter (ordered_at::date between since and origin_date - 1) as order_count,
        bool_or(ordered_at::date >= origin_date) as has_returned
    from dated
    inner join counted_orders
        on dated.customer_id = counted_orders.customer_id and ordered_at::date < until
    group by dated.customer_id, origin_date
),

contacted as (
    select dated.customer_id, origin_date, count(*) as touch_count
    from dated
    inner join core.fct_customer_activities as activities
        on dated.customer_id = activities.customer_id and occurred_at::date >= since
        and occurred_at::date < origin_date
    where is_touch
    group by all
),

opinions as (
    select
        dated.customer_id, origin_date, avg((rating - 1) * 0.25)::decimal(18, 6) as satisfaction
    from dated
    inner join core.fct_reviews as reviews
        on dated.customer_id = reviews.customer_id and reviewed_at::date < origin_date
    group by all
)

select bought.*, coalesce(touch_count, 0) as touch_count, satisfaction
from bought
left join contacted using (customer_id, origin_date)
left join opinions using (customer_id, origin_date);

create temp table strength_scales as
select
    strength_dates.origin_date,
    least(
        getvariable('strength_recency_days'),
        greatest(
            coalesce(
                quantile_disc(days, getvariable('strength_scale_share')::double),
                getvariable('strength_recency_days')
            ), 1
        )
    )::integer as recency_days,
    greatest(
        getvariable('strength_order_count'),
        coalesce(quantile_disc(order_count, getvariable('strength_scale_share')::double), 0)
    )::integer as order_scale,
    greatest(
        getvariable('strength_interaction_count'),
        coalesce(quantile_disc(touch_count, getvariable('strength_scale_share')::double), 0)
    )::integer as touch_scale
from strength_dates
left join strength_buyers using (origin_date)
group by strength_dates.origin_date;

create temp table strength_weightings as
with steps as (select unnest([0, 20, 40, 60, 80, 100]) as points)

select
    recency.points as recency_weight, frequency.points as frequency_weight,
    interactions.points as interactions_weight, satisfaction.points as satisfaction_weight,
    service.points as service_weight
from steps as recency
cross join steps as frequency
cross join steps as interactions
cross join steps as satisfaction
cross join steps as service
where
    recency.points + frequency.points + interactions.points + satisfaction.points + service.points
    = 100;

create temp table strength_aucs as
with counted as (
    select
        strength_weightings, origin_date,
        floor(recency_weight * greatest(1 - days / recency_days, 0) + 0.5)
        + floor(frequency_weight * least(order_count / order_scale, 1) + 0.5)
        + floor(interactions_weight * least(touch_count / touch_scale, 1) + 0.5)
        + floor(
            satisfaction_weight
            * coalesce(satisfaction, getvariable('strength_neutral_share'))::double + 0.5
        )
        + floor(service_weight * getvariable('strength_neutral_share')::double + 0.5) as strength,
        count(*) as customer_count,
        count(*) filter (has_returned) as returned_count
    from strength_buyers
    inner join strength_scales using (origin_date)
    cross join strength_weightings
    where origin_date < getvariable('as_of')::date
    group by all
),

paired as (
    select
        *,
        returned_count * (
            sum(customer_count - returned_count) over (
                partition by strength_weightings, origin_date order by strength
            ) - (customer_count - returned_count) / 2
        ) as pairs
    from counted
)

select
    strength_weightings as w, origin_date,
    sum(customer_count)::integer as customer_count,
    sum(returned_count)::integer as returned_count,
    case
        when
            least(sum(returned_count), sum(customer_count - returned_count))
            >= getvariable('strength_minimum_buyers')
            then (
                sum(pairs) / (sum(returned_count) * sum(customer_count - returned_count))
            )::decimal(18, 6)
    end as auc
from paired
group by all;
drop table strength_buyers;

-- The choice without each date (`fold`), and of all dates (fold is null).
create temp table strength_choices as
with folds as (
    select distinct origin_date as fold from strength_aucs where auc is not null
    union all
    select null
),

summed as (
    select
        fold, w, sum(auc) as auc, count(*) as date_count,
        greatest(
            w.recency_weight, w.frequency_weight, w.interactions_weight, w.satisfaction_weight,
            w.service_weight
        ) = 100 as is_single,
        (w.recency_weight - 20) ** 2 + (w.frequency_weight - 20) ** 2
        + (w.interactions_weight - 20) ** 2 + (w.satisfaction_weight - 20) ** 2
        + (w.service_weight - 20) ** 2 as unevenness
    from folds
    inner join strength_aucs on origin_date is distinct from fold
    where auc is not null
    group by all
),

-- A component that ranks no better than chance has no points.
worth as (
    select
        fold,
        max(auc / date_count) filter (w.recency_weight = 100) > 0.5 as by_recency,
        max(auc / date_count) filter (w.frequency_weight = 100) > 0.5 as by_frequency,
        max(auc / date_count) filter (w.interactions_weight = 100) > 0.5 as by_interactions,
        max(auc / date_count) filter (w.satisfaction_weight = 100) > 0.5 as by_satisfaction,
        max(auc / date_count) filter (w.service_weight = 100) > 0.5 as by_service
    from summed
    group by fold
),

helpful as (
    select summed.*
    from summed
    inner join worth on summed.fold is not distinct from worth.fold
    where
        (w.recency_weight = 0 or by_recency) and (w.frequency_weight = 0 or by_frequency)
        and (w.interactions_weight = 0 or by_interactions)
        and (w.satisfaction_weight = 0 or by_satisfaction) and (w.service_weight = 0 or by_service)
),

good as (
    select *
    from helpful
    qualify
        auc >= max(auc) over (partition by fold) - getvariable('strength_auc_tolerance') * date_count
        and auc >= max(auc) filter (is_single) over (partition by fold)
)

select fold, 'learned' as choice, w, date_count
from good
qualify row_number() over (partition by fold order by unevenness, auc desc, w) = 1
union all
select fold, 'single', w, date_count
from helpful
where is_single
qualify row_number() over (partition by fold order by auc desc, w) = 1;

create temp table strength_held_out as
select choice, fold as origin_date, auc
from strength_choices
inner join strength_aucs on fold = origin_date and strength_choices.w = strength_aucs.w;

create temp table strength_weights as
select unnest(w), weights_source, choice
from (
    select w, 'learned' as weights_source, choice, 1 as preference
    from strength_choices
    where
        fold is null
        and date_count > 1
        and choice = (
            select
                if(
                    sum(auc) filter (choice = 'learned') >= sum(auc) filter (choice = 'single'),
                    'learned', 'single'
                )
            from strength_held_out
        )
    union all
    select
        {
            'recency_weight': 20, 'frequency_weight': 20, 'interactions_weight': 20,
            'satisfaction_weight': 20, 'service_weight': 20
        },
        'even', 'even', 2
    order by preference
    limit 1
);

create table engagement.rpt_relationship_strength_backtest as
with rated as (
    select
        unnest([
            'relationship_strength', 'recency', 'frequency', 'interactions', 'satisfaction',
            'service'
        ]) as component,
        unnest([
            100, recency_weight, frequency_weight, interactions_weight, satisfaction_weight,
            service_weight
        ]) as weight,
        unnest([
            {
                'r': recency_weight, 'f': frequency_weight, 'i': interactions_weight,
                's': satisfaction_weight, 'c': service_weight
            },
            {'r': 100, 'f': 0, 'i': 0, 's': 0, 'c': 0},
            {'r': 0, 'f': 100, 'i': 0, 's': 0, 'c': 0},
            {'r': 0, 'f': 0, 'i': 100, 's': 0, 'c': 0},
            {'r': 0, 'f': 0, 'i': 0, 's': 100, 'c': 0},
            {'r': 0, 'f': 0, 'i': 0, 's': 0, 'c': 100}
        ]) as mix,
        weights_source,
        choice
    from strength_weights
),

measured as (
    select
        dates.origin_date, component, weight, weights_source,
        coalesce(customer_count, 0) as customer_count, coalesce(returned_count, 0) as returned_count,
        strength_aucs.auc, strength_held_out.auc as held_out_auc
    from (from strength_dates where origin_date < getvariable('as_of')::date) as dates
    cross join rated
    left join strength_aucs
        on dates.origin_date = strength_aucs.origin_date
        and row(mix.r, mix.f, mix.i, mix.s, mix.c) = row(
            w.recency_weight, w.frequency_weight, w.interactions_weight, w.satisfaction_weight,
            w.service_weight
        )
    left join strength_held_out
        on dates.origin_date = strength_held_out.origin_date
        and rated.choice = strength_held_out.choice
        and component = 'relationship_strength'
    where
        strength_aucs.origin_date is not null
        or dates.origin_date = (
            select max(origin_date) from strength_dates
            where origin_date < getvariable('as_of')::date
        )
),

bounded as (
    select
        *,
        getvariable('strength_interval_z')::double * sqrt(
            (
                auc * (1 - auc)
                + (returned_count - 1) * (auc / (2 - auc) - auc * auc)
                + (customer_count - returned_count - 1) * (2 * auc * auc / (1 + auc) - auc * auc)
            ) / (returned_count * (customer_count - returned_count))
        ) as half_width
    from (select * replace (auc::double as auc) from measured)
),

averaged as (
    select
        component, avg(auc) as mean_auc, avg(if(auc is null, null, greatest(auc - half_width, 0))) as mean_auc_low
    from bounded
    group by component
)

select
    origin_date,
    component,
    weight::integer as weight,
    weights_source,
    getvariable('strength_horizon_days')::integer as horizon_days,
    customer_count,
    returned_count,
    auc::decimal(18, 6) as auc,
    if(auc is null, null, greatest(auc - half_width, 0))::decimal(18, 6) as auc_low,
    if(auc is null, null, least(auc + half_width, 1))::decimal(18, 6) as auc_high,
    held_out_auc,
    mean_auc::decimal(18, 6) as mean_auc,
    case
        when mean_auc is null then 'not_measured'
        when mean_auc_low <= 0.5 then 'no_better_than_chance'
        when
            component = 'relationship_strength'
            and mean_auc < (
                select max(mean_auc) from averaged where component <> 'relationship_strength'
            )
            then 'below_best_component'
        else 'ranks_returns'
    end as status
from bounded
inner join averaged using (component);
drop table strength_dates;
drop table strength_weightings;
drop table strength_aucs;
drop table strength_choices;
drop table strength_held_out;
