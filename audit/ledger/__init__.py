"""Where findings are kept: as changes of state, in immutable files behind one head."""
