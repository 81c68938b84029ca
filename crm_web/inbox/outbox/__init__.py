"""The outbox: claimed under a lease, sent with many requests in flight, recorded in bulk.

A claim is committed before its first byte leaves, with a lease and a fence. Whoever dies holding a lease may have
sent: the reaper calls such a message *unconfirmed*, a status webhook that carries our id settles it, and only a person
sends it again. A message is claimed when it is the oldest of its conversation, so order inside a conversation holds.
Rows are locked in one order by everybody: conversations by id, then the outbox, then channels.
Rates live on rows: `channels.send_clock` and `conversations.pair_clock` are the theoretical arrival time of the
next message (a leaky bucket in one column), so every process sees the same budget.
"""

from crm_web.inbox.outbox.claim import claim
from crm_web.inbox.outbox.courier import Courier
from crm_web.inbox.outbox.parcels import Parcel, Sent
from crm_web.inbox.outbox.reap import reap
from crm_web.inbox.outbox.record import record

__all__ = ["Courier", "Parcel", "Sent", "claim", "reap", "record"]
