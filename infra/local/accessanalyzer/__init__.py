"""IAM Access Analyzer on the local cloud: analyzers, and what buckets and roles open to outsiders."""
