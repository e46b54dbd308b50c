"""EC2 on the local cloud: moto's, with the settings of an account in a region that moto lacks."""
