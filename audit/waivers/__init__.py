"""Waivers: failures that somebody answers for, for a reason and a while; joined when somebody asks, never stored."""
