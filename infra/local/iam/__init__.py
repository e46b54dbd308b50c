"""IAM: moto's, on the cloud's clock where somebody asks how old a role is."""
