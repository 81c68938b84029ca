"""Where customers are answered. Nouns: conversation, message, reaction, outbox, tag, transfer, snooze, macro.

Verbs: receive a message, send one, write a note, assign, transfer, close, reopen, mark read and unread, prioritise, tag,
snooze and wake, run a macro, ask how it was, nudge before the window closes.
"""
