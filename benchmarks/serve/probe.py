"""Asks a server every tenth of a second whether it is there, from its own process.

    python -m benchmarks.serve.probe URL

Prints, for each answer, when it was asked for and how long it took, in seconds.
"""

import sys
import time

import httpx


def main() -> None:
    """Asks until it is ended."""
    with httpx.Client(base_url=sys.argv[1], timeout=60.0) as client:
        while True:
            begun_s = time.perf_counter()
            client.get("/healthz").raise_for_status()
            print(time.time(), time.perf_counter() - begun_s, flush=True)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
