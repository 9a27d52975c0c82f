"""Makers of rows: plain functions, keyword-only, with sensible defaults."""
