"""STS on the local cloud: moto's, with root sessions, web identities, and an administrator behind static keys."""
