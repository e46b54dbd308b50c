"""IAM on the local cloud: moto's, with aliases that are unique in the world."""
