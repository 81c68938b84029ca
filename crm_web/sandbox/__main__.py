"""The stand-in as a process of its own, for tests and benchmarks.

`python -m crm_web.sandbox` loads the product's package on the way; `python crm_web/sandbox`, the folder itself,
starts without it, in a tenth of the time.
"""

import argparse
import asyncio
import os
import runpy
import signal
import sys
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    runpy.run_module("sandbox", run_name="__main__")
    raise SystemExit

from .express import Express
from .knobs import turn_knobs
from .server import serve
from .state import State
from .wire import World


def parse(arguments=None):
    data = Path(os.environ.get("CRM_DATA_DIR", "var"))
    parser = argparse.ArgumentParser(prog="python -m crm_web.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=9000, help="0 takes a free one; the first line printed names it"
    )
    parser.add_argument("--db", default=str(data / "sandbox.sqlite"), help="the file of the stand-in's world")
    parser.add_argument("--webhook-url", default="http://127.0.0.1:8000/webhooks/meta")
    parser.add_argument("--app-secret", default=os.environ.get("META_APP_SECRET", "sandbox-app-secret"))
    parser.add_argument("--verify-token", default=os.environ.get("META_VERIFY_TOKEN", "sandbox-verify-token"))
    parser.add_argument("--latency-ms", type=float, help="how long Graph takes to answer")
    parser.add_argument("--jitter-ms", type=float, help="up to how much longer, at random")
    parser.add_argument("--batch", type=int, help="status updates in one webhook")
    parser.add_argument("--hands", type=int, default=32, help="webhooks under way at once")
    parser.add_argument("--no-statuses", dest="statuses", action="store_false", default=None)
    parser.add_argument("--no-window", dest="window", action="store_false", default=None)
    parser.add_argument(
        "--no-endings", dest="endings", action="store_false", default=None, help="no trick numbers"
    )
    parser.add_argument("--auto-read", dest="auto_read", action="store_true", default=None)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    state = State(options.db, grouped=True)
    named = ("latency_ms", "jitter_ms", "batch", "statuses", "window", "endings", "auto_read")
    turn_knobs(state, {name: getattr(options, name) for name in named if getattr(options, name) is not None})
    state.commit()
    world = World(state, options.webhook_url, options.app_secret, options.verify_token)
    asyncio.run(_run(world, options))
    state.close()


async def _run(world, options):
    """Serve and carry until told to stop; webhooks under way are taken up again at the next start."""
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)

    def say(port):
        sys.stdout.write(f"http://{options.host}:{port}/sandbox/graph\n")
        sys.stdout.flush()

    express = Express(world.state, url=world.webhook_url, secret=world.app_secret, hands=options.hands)
    carrying = asyncio.create_task(express.run())
    await serve(world, options.host, options.port, ready=say, stopped=stopped)
    carrying.cancel()


if __name__ == "__main__":
    main()
