select
    order_count_at_loss > 1 as is_repeat_buyer, bands.band, count(*) as comparable_stay_count,
    case when count(*) >= 20 then avg(coalesce(
        returned_at <= lost_at + to_days(bands.band * 90 + 180), false
    )::integer) end::decimal(18, 6) as return_rate
from {{ ref('int_lost_stays') }} as lost_stays
inner join (select distinct band from {{ ref('int_lost_stays') }} as lost_stays) as bands on lost_stays.band >= bands.band
where lost_at + to_days(bands.band * 90 + 180) <= timestamp '{{ var("as_of") }}'
    and (returned_at is null or returned_at > lost_at + to_days(bands.band * 90))
group by is_repeat_buyer, bands.band
