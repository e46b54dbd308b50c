"""Where findings come from: one source a file."""
