"""Screens of the warehouse: what waits, an invoice's way, and the scan station of the picker."""
