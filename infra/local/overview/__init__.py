"""The cloud's own page: what it does as AWS does it, what it does not model, its limits, and what was called."""
