with moves as (
    select
        lifecycle,
        stage as from_stage,
        next_stage as to_stage,
        count(*) as move_count,
        count(distinct customer_id) as customer_count,
        cast(date_trunc('month', valid_to) as date) as month
    from {{ ref('fct_customer_stage_intervals') }} as fct_customer_stage_intervals
    where valid_to is not null
    group by all
)
select
    lifecycle,
    from_stage,
    to_stage,
    cast(move_count as integer) as move_count,
    cast(customer_count as integer) as customer_count,
    cast(move_count as double) / sum(move_count) over (partition by lifecycle, month, from_stage)
        as probability,
    month
from moves
