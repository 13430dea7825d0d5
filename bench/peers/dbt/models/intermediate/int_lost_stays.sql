with stays as (
    select
        customer_id, order_id as last_order_id, order_number as order_count_at_loss, ordered_at as last_order_at,
        lapse_ends_at as lost_at, next_ordered_at as returned_at,
        row_number() over (partition by customer_id order by lapse_ends_at)::integer as entry_number,
        floor((epoch(timestamp '{{ var("as_of") }}') - epoch(lapse_ends_at)) / (86400 * 90))::integer as band
    from {{ ref('int_numbered') }} as numbered
    where lapse_ends_at < timestamp '{{ var("as_of") }}' and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
)
select
    stays.*,
    (sum(net_amount) filter (ordered_at > last_order_at - interval 365 day))::decimal(18, 2) as value_at_stake,
    count(*) filter (is_discounted) as discounted_count, bool_or(is_discounted and order_number = order_count_at_loss)
        as was_last_discounted
from stays
inner join (
    select customer_id, order_number, ordered_at, net_amount, is_discounted from {{ ref('int_numbered') }} as numbered
) as orders
    on stays.customer_id = orders.customer_id and order_number <= order_count_at_loss
group by all
