"""The access portal of IAM Identity Center on the local cloud: who gets credentials for which role."""
