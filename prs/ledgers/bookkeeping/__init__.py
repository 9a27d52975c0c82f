"""The books: accounts, balanced entries and their lines.

Owns the general ledger and is its only writer. Refuses what does not balance, a closed period, a second
posting of one source, and every change of what is posted. Operations post through `services`.
"""
