"""Lambda on the local cloud: moto's, with the account's limits, which moto lacks."""
