"""Managing Access: who has which role at an institution, and what access managers do about it."""
