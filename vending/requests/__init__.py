"""Asking: the request, the rules it must meet, the approval."""
