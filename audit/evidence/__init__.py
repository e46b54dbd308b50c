"""Evidence that stands: every answer a run was made of, a signed manifest, and their check without anybody."""
