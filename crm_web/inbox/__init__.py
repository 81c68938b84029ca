"""Where customers are answered. Nouns: conversation, message, reaction, outbox.

Verbs: receive a message, send one, write a note, assign, close, reopen, mark read.
"""
