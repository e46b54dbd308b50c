"""Systems Manager on the local cloud: moto's, with the service settings of an account that moto lacks."""
