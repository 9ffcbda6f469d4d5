"""How fast a SPARQL server answers: ``web_rate.py SERVER PROGRAM DATA {small|large} {seconds|p99|cpu}``, measured by wrk on this machine.

A small query asks for another thing each time, so that no server answers from what it remembers. SERVER is fairgraph, oxigraph or rdflib-endpoint, PROGRAM what starts it, DATA its data: a store folder of the first two, a file of the
last. The last line is the seconds of 1,000 answers, the 99th percentile of their times in seconds, or the processor time of 1,000 of them in
seconds, which a busy machine does not change. Each answer must be a 200.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

VALUE = "http://example.org/value"
THING = 4711
QUERIES = {
    "small": f"SELECT ?o {{ <http://example.org/thing/{THING}> <{VALUE}> ?o }}",
    "large": f"SELECT ?s ?o {{ ?s <{VALUE}> ?o }}",
}
# Connections, seconds.
LOAD = {"small": (8, 8), "large": (2, 60)}
JSON = "application/sparql-results+json"
# What wrk asks for: the n-th request is about another thing than those before it.
VARIED = """local n = 0
local path = %r
request = function()
  n = n + 1
  return wrk.format(nil, (path:gsub("%d", tostring((n * 7919) %% 100000))))
end
"""
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def main() -> None:
    server, program, data, kind, number = sys.argv[1:6]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command, path = {
        "fairgraph": ([program, "-q", "--store", data, "serve", "--port", str(port)], "/sparql"),
        "oxigraph": ([program, "serve-read-only", "--location", data, "--bind", address], "/query"),
        "rdflib-endpoint": (
            [program, "serve", "--host", "127.0.0.1", "--port", str(port), data],
            "/",
        ),
    }[server]
    url = f"http://{address}{path}?query={quote(QUERIES[kind], safe='')}"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        size = answered(url)
        before = processor_seconds(process.pid)
        found = measured(url, kind)
        found["cpu"] = (processor_seconds(process.pid) - before) / found["answers"]
    finally:
        process.terminate()
        process.wait(30)
    print(
        f"{server} {kind}: {found['rate']:.1f} answers/s of {size:,} bytes, p99 {found['p99']:.4f} s, "
        f"{1000 * found['cpu']:.3f} ms of processor time each"
    )
    print(
        {"seconds": 1000 / found["rate"], "p99": found["p99"], "cpu": 1000 * found["cpu"]}[number]
    )


def processor_seconds(root: int) -> float:
    """Return the user and system time of a process and of all that it has started."""
    times, parents = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = place.read_text().rpartition(")")[2].split()
            parents[int(place.parent.name)] = int(fields[1])
            times[int(place.parent.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    tree = {root}
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(times.get(pid, 0.0) for pid in tree)


def answered(url: str) -> int:
    """Wait until the server answers; return the size of the answer."""
    until = time.monotonic() + 120
    while True:
        try:
            request = urllib.request.Request(url, headers={"Accept": JSON})
            with urllib.request.urlopen(request, timeout=120) as response:
                return len(response.read())
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def measured(url: str, kind: str) -> dict[str, float]:
    """Return what wrk says: answers a second, and the 99th percentile of their times."""
    connections, seconds = LOAD[kind]
    wrk = shutil.which("wrk")
    assert wrk
    arguments = f"-t1 -c{connections} -d{seconds}s --timeout 60s --latency".split()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if kind == "small":
            script.write(VARIED % (urlsplit(url).path + "?" + urlsplit(url).query, THING))
            script.flush()
            arguments += ["-s", script.name]
        command = [wrk, *arguments, "-H", f"Accept: {JSON}", url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told and "Socket errors" not in told, told
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", told)
    number = re.search(r"(\d+) requests in", told)
    assert rate and late and number and int(number[1]), told
    return {
        "answers": int(number[1]),
        "rate": float(rate[1]),
        "p99": float(late[1]) * UNITS[late[2]],
    }


def make_data(path: Path, things: int) -> None:
    """Write the data: so many things, a value of each."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(things):
            file.write(f'<http://example.org/thing/{n}> <{VALUE}> "value number {n}" .\n')


if __name__ == "__main__":
    os.environ["PYTHONUNBUFFERED"] = "1"
    main()
