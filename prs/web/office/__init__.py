"""The organization's people, rights, menus, keys and settings."""
