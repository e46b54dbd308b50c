"""The local cloud: AWS's refusals, delays and answers on one port of a laptop."""
