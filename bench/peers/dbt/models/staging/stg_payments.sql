select *
from read_parquet('{{ var("source") }}/payments/*.parquet', filename = true)
