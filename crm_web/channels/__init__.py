"""Connected accounts that messages come in and go out by. Nouns: channel, inbound event, adapter.

Verbs: connect a channel, test it, change its limits, replace its credentials, pause it.
"""
