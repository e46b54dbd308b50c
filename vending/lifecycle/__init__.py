"""Afterwards: the accounts that were made, and what is read back from them."""
