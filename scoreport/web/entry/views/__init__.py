"""The pages of getting in, by what they are about."""
