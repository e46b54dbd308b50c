"""Faults on purpose: what goes wrong at AWS, by profile or by call from a test, the same again for the same seed."""
