"""How the web is served, wherever it runs: `gunicorn wsgi:app` reads this file.

gevent, because every open page holds a WebSocket; Socket.IO speaks WebSocket only, so any number of worker
processes serve without sticky sessions.
"""

import os

_host = os.environ.get("HOST") or "127.0.0.1"
bind = f"{f'[{_host}]' if ':' in _host else _host}:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_WORKERS") or 1)
worker_class = "gevent"
worker_connections = 2000
graceful_timeout = 20
# It would open a socket in the home directory.
control_socket_disable = True
