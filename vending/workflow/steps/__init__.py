"""The steps of making an account, one a file, in the order of `line.LINE`."""
