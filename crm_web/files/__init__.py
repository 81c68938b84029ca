"""What people send each other besides words. Nouns: file. Verbs: store, fetch from a provider, open."""
