"""A stand-in for Meta's Graph API, and the telephones of the customers behind it.

It is another company's world. It keeps its own state in one SQLite file, knows nothing of the product's
database or modules, and meets the product only over HTTP: the product calls `/sandbox/graph/…`, the stand-in
answers with signed webhooks. It runs as a blueprint of the product (`routes.py`, when CRM_SANDBOX=1) or alone
(`python -m crm_web.sandbox`), and both speak through the same `wire.dispatch`.

Reading order: `state` and `schema.sql` (the world), `wire` (addresses), `graph` (Meta's side: `sending`, `checks`,
`templates`, `media`, `faults`), `people` and `telephone` (the customer's side), `webhooks` and `courier` (what the
product is told, and how often), `control` (knobs and logs), `phone` (the page), `server` (the fast server).
"""
