"""Message templates: texts with variables that a provider has approved, mirrored here to be chosen and filled in."""
