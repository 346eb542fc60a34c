"""What the commands share: messages, exit codes, and an end that stops every broker."""
import signal
import sys

from lib.project import Failure

OK, MISSED, FAILED = 0, 1, 2


def _interrupted(number, _):
    # An exception, so that every `with` and `finally` on the way stops what it started.
    raise KeyboardInterrupt(signal.Signals(number).name)


def main(name, function):
    """Runs a command's function and exits with the code it returns."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        code = function()
    except Failure as failure:
        print(f'{name}: {failure}', file=sys.stderr)
        code = FAILED
    except KeyboardInterrupt:
        print(f'{name}: interrupted', file=sys.stderr)
        code = 130
    sys.exit(code)
