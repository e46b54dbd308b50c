"""AWS Control Tower on the local cloud: landing zone, baselines, auto-enrolment, controls and their drift."""
