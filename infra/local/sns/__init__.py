"""SNS on the local cloud: moto's, whose messages reach only what lets SNS in."""
