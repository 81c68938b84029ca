"""What gunicorn serves, and where the `flask` command finds the application.

`gunicorn -k gevent` patches the standard library before this is imported. A command serves no sockets, and speaks to
the copy that `make run` keeps running here when the environment names no other.
"""

import os

from crm_web import create_app
from crm_web.ops.local import adopt_running

is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
if is_command:
    adopt_running(os.environ)
app = create_app(serve=not is_command)
