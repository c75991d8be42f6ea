"""The access log: what happened at an institution, who can see whom and why, and who looked."""
