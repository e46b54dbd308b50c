"""Asking the ledger: six views, filters over them, and SQL in a sandbox."""
