"""What is attached in the organisation, what should be, and the way from one to the other."""
