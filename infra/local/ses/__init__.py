"""SES's first version on the local cloud: moto's, which knows the identities of both versions."""
