"""Big organisations for tests and benchmarks: real accounts, whose resources and findings are drawn by seed."""
