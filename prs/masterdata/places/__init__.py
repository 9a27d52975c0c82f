"""Where the business is: its branches with who works there, and where its goods lie.

Owns branches, the members posted to them, warehouses and storefronts. Refuses a second of the same
name, and a second way between places. Stock and tills are built upon it.
"""
