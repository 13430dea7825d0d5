select *
from read_parquet('{{ var("source") }}/refunds/*.parquet', filename = true)
