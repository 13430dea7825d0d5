select * from read_csv('{{ var("seeds") }}/care_actions.csv', header = true)
