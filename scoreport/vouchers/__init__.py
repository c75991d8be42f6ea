"""Exam vouchers: who orders them, the codes of an order, and what becomes of each."""
