select * from read_csv('{{ var("seeds") }}/lifecycle_stages.csv', header = true)
