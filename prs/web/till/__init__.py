"""The till in the browser."""
