select *
from read_parquet('{{ var("source") }}/currency_rates/*.parquet', filename = true)
