"""Entry points of the Lambda functions: each reads its environment, builds what it needs once, makes one call."""
