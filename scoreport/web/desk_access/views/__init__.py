"""The pages of access codes, by what they are about."""
