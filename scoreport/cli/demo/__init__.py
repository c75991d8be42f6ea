"""The story of a demo: made-up organizations, people and score files, the same for the same number and day."""
