-- One row per cell of equal purchase histories: the number of customers, and their mean recency and
-- age in days. Forecasts read nothing else.
select
    frequency,
    cell_recency,
    cell_age,
    spend_frequency,
    count(*) as customer_count,
    cast(sum(recency) as double) / count(*) as recency,
    cast(sum(age) as double) / count(*) as age
from {{ ref('int_customer_purchases') }}
group by frequency, cell_recency, cell_age, spend_frequency
