"""EventBridge on the local cloud: moto's, whose events reach only what lets EventBridge in."""
