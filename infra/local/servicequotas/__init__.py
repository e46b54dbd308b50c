"""Service Quotas on the local cloud: moto's, with the account quota of AWS Organizations."""
