select * from read_csv('{{ var("seeds") }}/rfm_segments.csv', header = true)
