select
    lifecycle, stage, date_trunc('month', ordered_at)::date as month, count(*) as order_count,
    count(distinct numbered.customer_id) as customer_count, sum(net_amount) as net_revenue
from {{ ref('int_numbered') }} as numbered
inner join {{ ref('fct_customer_stage_intervals') }} as intervals
    on numbered.customer_id = intervals.customer_id and ordered_at >= valid_from
    and ordered_at < coalesce(valid_to, timestamp '{{ var("as_of") }}')
group by all
