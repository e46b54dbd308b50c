"""DynamoDB: moto's, with lists and transactions that cost what they touch."""
