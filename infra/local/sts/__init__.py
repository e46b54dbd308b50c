"""STS on the local cloud: moto's, with tokens that repeat, and an administrator behind static credentials."""
