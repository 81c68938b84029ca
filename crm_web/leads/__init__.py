"""The people a tenant sells to. Nouns: lead, identity. Verbs: find or create a lead by its identities."""
