"""Requests for a second person's approval."""
