"""What the audit tells people and programs: one format a file."""
