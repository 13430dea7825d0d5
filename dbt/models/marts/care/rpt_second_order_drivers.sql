-- Grain: condition that may precede a second order. Not additive: a customer may have several.
select
    drivers.condition,
    conditions.label_en,
    conditions.label_cs,
    conditions.is_known_at_order,
    cast(drivers.case_with_count as integer) as returned_with_condition_count,
    cast(drivers.case_count as integer) as returned_count,
    cast(drivers.all_case_count - drivers.case_count as integer)
        as returned_without_comparison_count,
    cast(drivers.other_with_count as integer) as other_with_condition_count,
    cast(drivers.other_count as integer) as other_count,
    drivers.share_among_cases as share_among_returned,
    drivers.share_among_others,
    drivers.lift,
    drivers.lift_low,
    drivers.lift_high,
    drivers.is_driver,
    drivers.reason_code
from {{ ref('int_drivers_tested') }} as drivers
inner join {{ ref('driver_conditions') }} as conditions
    on drivers.condition = conditions.condition
where drivers.outcome = 'second_order'
