"""The people of a tenant. Nouns: user, role, permission, session, availability.

Verbs: sign in, sign out, revoke a session, set availability, grant or revoke a permission.
"""
