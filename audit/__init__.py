"""Is it still so: collect, keep, ask, report."""
