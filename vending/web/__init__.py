"""The shell of the portal and the REST API: it knows how to sign in, render and refuse, and no domain."""
