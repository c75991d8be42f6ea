"""Inviting people, what became of it, and the page that the link of an invitation leads to."""
