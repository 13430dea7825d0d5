select * from read_csv('{{ var("seeds") }}/churn_reasons.csv', header = true)
