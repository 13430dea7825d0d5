select *
from read_parquet('{{ var("source") }}/interactions/*.parquet', filename = true)
