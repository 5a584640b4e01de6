"""`python -m demo.shop.idle`: stands in for SoVAni's own bot, which only has to be there."""

import signal
import sys

from demo import lifeline


def main() -> None:
    lifeline.hold()
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    sys.stdout.write("waiting\n")
    sys.stdout.flush()
    signal.sigwait(ends)


if __name__ == "__main__":
    main()
