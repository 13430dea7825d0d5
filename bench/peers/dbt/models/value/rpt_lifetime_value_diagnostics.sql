select
    cast(null as varchar) as diagnostic,
    cast(null as varchar) as family,
    cast(null as integer) as point_number,
    cast(null as double) as position,
    cast(null as double) as expected,
    cast(null as double) as actual
where false
