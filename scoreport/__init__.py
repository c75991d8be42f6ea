"""Scoreport: a self-hosted portal for test scores."""
