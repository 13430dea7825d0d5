select
    cast(null as date) as month,
    cast(null as varchar) as step,
    cast(null as integer) as step_rank,
    cast(null as integer) as reached_count,
    cast(null as decimal(18, 6)) as reach_rate,
    cast(null as integer) as continued_count,
    cast(null as integer) as abandoned_count,
    cast(null as decimal(18, 6)) as abandonment_rate,
    cast(null as integer) as recovered_count,
    cast(null as decimal(18, 6)) as median_minutes_to_order
where false
