"""Agreed sales."""
