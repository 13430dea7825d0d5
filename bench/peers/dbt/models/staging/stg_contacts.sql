select *
from read_parquet('{{ var("source") }}/contacts/*.parquet', filename = true)
