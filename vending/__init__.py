"""The account's life: asked for, approved, made, changed, closed."""
