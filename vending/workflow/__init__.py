"""Making: the durable workflow and its steps, one step a file."""
