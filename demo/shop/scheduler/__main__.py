"""`python -m demo.shop.scheduler`: runs until SIGTERM."""

import logging
import os
import signal
import sys
from threading import Event

from demo import lifeline
from demo.shop.clock import utc_now
from demo.shop.scheduler.loop import Scheduler
from demo.shop.settings import from_environment


def main() -> None:
    lifeline.hold()
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Scheduler(from_environment(os.environ), utc_now, stop).run()


if __name__ == "__main__":
    main()
