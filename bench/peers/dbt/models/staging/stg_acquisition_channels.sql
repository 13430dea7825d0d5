select * from read_csv('{{ var("seeds") }}/acquisition_channels.csv', header = true)
