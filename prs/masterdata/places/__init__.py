"""Where the business is: its branches, and who works at which.

Owns branches and the members posted to them. Refuses a second branch of the same name. Stock and tills
are built upon it.
"""
