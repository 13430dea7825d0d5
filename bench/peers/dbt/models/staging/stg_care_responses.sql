select * from read_csv('{{ var("seeds") }}/care_responses.csv', header = true)
