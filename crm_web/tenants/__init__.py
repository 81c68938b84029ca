"""The business that uses the product. Nouns: tenant, plan. Verbs: create a tenant, check a limit."""
