"""Score files from arrival to stored scores: read → check → match → stage → accept, and back."""
