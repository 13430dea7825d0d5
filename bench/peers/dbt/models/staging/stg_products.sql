select *
from read_parquet('{{ var("source") }}/products/*.parquet', filename = true)
