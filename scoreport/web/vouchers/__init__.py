"""Exam vouchers: what an organization ordered, ordering more, downloading codes and voiding them."""
