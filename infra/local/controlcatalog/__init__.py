"""AWS Control Catalog on the local cloud: real controls, what implements them, what they map to."""
