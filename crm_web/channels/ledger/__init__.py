"""The ledger of inbound events as a page for managers: how fast, what is missing, what failed, and once more."""
