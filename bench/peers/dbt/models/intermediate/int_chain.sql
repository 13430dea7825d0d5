with months as (
    select month, row_number() over (order by month) as age, count(*) over () - age as months_back
    from (select distinct month_start_date as month from {{ ref('dim_dates') }} as dim_dates)
    where month + interval 1 month <= timestamp '{{ var("as_of") }}'
),
origins as (
    select month as origin_month, age, least(age, 12) as month_count
    from months
    where age >= 6 and months_back <= 24
),
seen as (
    select origin_month, lifecycle, from_stage, to_stage, sum(customer_count) as customer_count
    from origins
    inner join months on months.age <= origins.age and months.age > origins.age - month_count
    inner join {{ ref('int_month_moves') }} as month_moves using (month)
    group by all
),
pairs as (
    -- Rows without from_stage are new customers.
    select origin_month, month_count, lifecycle, sources.stage as from_stage, stages.stage as to_stage
    from origins
    cross join {{ ref('int_stages') }} as stages
    inner join (
        select lifecycle, stage from {{ ref('int_stages') }} as stages union all select distinct lifecycle, null from {{ ref('int_stages') }} as stages
    ) as sources using (lifecycle)
)
select
    pairs.*, coalesce(customer_count, 0) as move_count,
    sum(move_count) over (partition by pairs.origin_month, pairs.lifecycle, pairs.from_stage) as from_count,
    case when from_count > 0 then move_count / from_count else (pairs.from_stage = pairs.to_stage)::integer end
        ::double as probability
from pairs
left join seen
    on pairs.origin_month = seen.origin_month and pairs.lifecycle = seen.lifecycle
    and pairs.to_stage = seen.to_stage and pairs.from_stage is not distinct from seen.from_stage
