"""What lies where: batches, and the movements that brought them there and took them away.

Owns every quantity of goods. Movements are only added; balances follow from them in the database and
can't fall below zero. Refuses to sell what is expired, gone or kept for somebody else. What goods are
worth travels with them; the books are told by whoever moved them.
"""
