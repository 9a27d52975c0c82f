"""The verifier's queue."""
