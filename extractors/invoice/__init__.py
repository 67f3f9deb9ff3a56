"""Invoices and credit notes: the joint decision over numbers, dates, parties, accounts and totals."""
