"""The till: shifts, sales, tenders and returns."""
