"""IAM Identity Center on the local cloud: moto's instance and permission sets, with assignments that take time."""
