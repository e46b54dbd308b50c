"""Where it runs: stacks for AWS, a local cloud for a laptop, and what either of them starts."""
