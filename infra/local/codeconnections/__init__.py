"""Connections to where code lies, as far as a pipeline and the doctor need them."""
