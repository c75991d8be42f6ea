"""The views of invitations, by who uses them."""
