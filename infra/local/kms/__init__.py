"""KMS on the local cloud: moto's, with Ed25519 keys."""
