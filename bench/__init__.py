"""Scoreport measured beside what the databases do at best: ``make bench``, explained in docs/performance.md."""
