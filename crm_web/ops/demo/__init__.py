"""The demo: two businesses with their customers and months of conversations. `flask demo seed` makes it.

Reading order: `scenes/*.txt` is what people say and `screenplay` how that is read; `plans` says which conversations there
are; `compose` puts scenes together, `clockwork` says when, `play` who and about what, `contents` what is not plain text;
`thread` makes rows of it, `shelf` files (`pictures`, `sheets`, `samples`), `build` inserts, `recount` adds up.
"""
