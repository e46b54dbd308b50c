"""IAM on the local cloud: moto's, with root users, centralised root access, and aliases unique in the world."""
