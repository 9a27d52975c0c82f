"""The browser: workspaces on a shared kit."""
