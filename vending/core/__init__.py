"""What every package stands on. Imports nothing of ours."""
