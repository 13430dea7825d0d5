select * from read_csv('{{ var("seeds") }}/activities.csv', header = true)
