"""Signing the command line in: authorisation code with PKCE, answered on the loopback interface (RFC 8252)."""
