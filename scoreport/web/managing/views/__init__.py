"""The pages of Managing Access."""
