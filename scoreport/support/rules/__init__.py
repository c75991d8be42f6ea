"""Requests for help, and the files that come with them; pure."""
