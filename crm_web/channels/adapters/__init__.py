"""One provider, one folder. Adapters are strangers: pure Python, no database, no web, and nothing else
names them.

Each offers `split` (request to stored items), `normalise` (stored item to the forms of `channels.normal`)
and a client that sends.
"""
