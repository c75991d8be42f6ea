"""Support access: an institution's page, the desk's page, the banner, and the log of every page seen."""
