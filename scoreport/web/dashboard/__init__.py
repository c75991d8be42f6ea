"""The page after sign-in, and the answer to "are you still there?"."""
