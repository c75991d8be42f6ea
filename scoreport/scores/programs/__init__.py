"""The wide table of each program: its own columns, constraints and indexes."""
