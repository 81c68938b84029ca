"""Table of consequences: what happened -> the bells it rings, after the commit."""

LISTENERS: dict[str, tuple[str, ...]] = {
    "events.stored": ("inbox.events",),
    "message.queued": ("inbox.outbox",),
    "file.expected": ("files.media",),
    "file.arrived": ("inbox.files",),
    "bulk.begun": ("inbox.bulk",),
}
