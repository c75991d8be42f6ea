"""The views of the program desk, by what they are about."""
