"""In the web, slow work does not hold up the others."""

from __future__ import annotations

import subprocess
import sys
import threading

from crm_web.files.aside import aside

UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, time
sleep = monkey.get_original("time", "sleep")
from crm_web.files import storage
from crm_web.files.aside import aside
seen = []
others = gevent.spawn(lambda: [(seen.append(i), gevent.sleep(0.01)) for i in range(10)])
assert aside(lambda: sleep(0.3) or "done") == "done"
assert len(seen) == 10, seen
try:
    aside(lambda: 1 / 0)
except ZeroDivisionError:
    pass
storage.use("file://" + __import__("tempfile").mkdtemp())
import tempfile
content = tempfile.SpooledTemporaryFile(max_size=10); content.write(b"x" * 7_000_000)
storage.write("k", content, "video/mp4")
assert sum(map(len, storage.open_stream("k", 5))) == 6_999_995 and len(storage.read("k")) == 7_000_000
storage.delete("k"); assert not storage.exists("k")
print("well")
"""


def test_without_gevent_it_is_a_plain_call():
    assert aside(threading.current_thread) is threading.current_thread()


def test_under_gevent_others_go_on():
    told = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert told.stdout == "well\n", told.stderr
