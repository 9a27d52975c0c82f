"""Signing in, one's own profile, sessions and security."""
