"""Where providers knock. Verify, store raw, commit, answer; what it means is worked out later, by the inbox."""
