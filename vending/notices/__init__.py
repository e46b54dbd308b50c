"""Telling people: what is written to whom, kept until it is delivered, and listed if it never is."""
