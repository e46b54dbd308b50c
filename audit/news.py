"""What AWS calls its news, for who routes them without taking them in."""

COMPLIANCE = "Config Rules Compliance Change"
"""https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html"""
