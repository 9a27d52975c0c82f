"""Reads of the till."""
