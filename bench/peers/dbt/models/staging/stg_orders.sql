select *
from read_parquet('{{ var("source") }}/orders/*.parquet', filename = true)
