"""AWS Organizations: accounts made and closed in time, OUs, policies, with the limits AWS documents."""
