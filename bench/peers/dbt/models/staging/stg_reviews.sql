select *
from read_parquet('{{ var("source") }}/reviews/*.parquet', filename = true)
