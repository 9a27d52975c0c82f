"""Measurements: ratios to a bare limit in one run. `make bench` prints them."""
