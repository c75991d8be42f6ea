"""Rosters as files: CSV and XLSX with exactly the rows and columns that are shown, in their order.

What the cells hold is documented in docs/guides/export-columns.md.
"""
