"""Reads of requests for help: people see their own, program staff see all of them, nobody else sees any."""
