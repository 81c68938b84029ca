"""WhatsApp through Meta's Cloud API.

`signature` (is it Meta?), `split` (what is in the request?), `normalise` with `content`, `people`,
`management` and `values` (what does it mean?), `outgoing` (what may be sent, and how it is written),
`client` with `transport` (the Graph API), `errors` (what to do about a refusal, and how a seller reads it).
"""
