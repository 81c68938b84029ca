"""The people a tenant sells to. Nouns: lead, identity, note.

Verbs: find or create a lead by its identities, correct what is known of them, write, edit and delete a note.
"""
