select *
from read_parquet('{{ var("source") }}/order_lines/*.parquet', filename = true)
