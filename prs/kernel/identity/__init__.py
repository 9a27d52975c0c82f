"""People: who they are, where they belong, and what they may do.

Owns users, members, roles with their permissions and row scope, departments, job titles, teams, menus,
badges, invitations, security events and API keys. Refuses a second organization for one user. Every
write above takes a member of this app as its actor.
"""
