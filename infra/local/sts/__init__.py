"""STS on the local cloud: moto's, which here knows the administrator behind static credentials."""
