"""Entry points of the Lambda functions: each reads its environment, builds what it needs once, makes one call.

What a function is made of is imported with the first call, where it is made as well: what is wrong with a module is
then told as any other error of a call is, with the request in the log, and not as a runtime that does not start.
"""
