"""Layout, home, search, notifications and the live stream."""
