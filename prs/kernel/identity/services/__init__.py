"""Writes about people, one module a subject: `from prs.kernel.identity.services import organizations`."""
