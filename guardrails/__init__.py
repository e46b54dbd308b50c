"""What accounts may not do, and the settings they are born with."""
