select * from read_csv('{{ var("seeds") }}/touchpoints.csv', header = true)
