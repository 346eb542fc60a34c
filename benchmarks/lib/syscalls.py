"""System calls of a running process, counted by strace, which slows the process down."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from lib.project import Failure

KINDS = (
    ('read', ('read', 'readv', 'recvfrom', 'recvmsg', 'recvmmsg', 'pread64')),
    ('write', ('write', 'writev', 'sendto', 'sendmsg', 'sendmmsg', 'pwrite64', 'sendfile')),
    ('epoll_wait', ('epoll_wait', 'epoll_pwait', 'epoll_pwait2')),
    ('epoll_ctl', ('epoll_ctl',)),
    ('futex', ('futex',)),
    ('timerfd', ('timerfd_settime',)),
)


def available():
    return shutil.which('strace') is not None


def count(pid, seconds, *filters):
    """Calls by name within so many seconds, of all threads."""
    with tempfile.TemporaryDirectory(prefix='warren-benchmark.') as folder:
        summary = os.path.join(folder, 'summary')
        with subprocess.Popen(['strace', '-c', '-f', '-o', summary, *filters, '-p', str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as strace:
            time.sleep(seconds)
            # strace detaches and writes its summary.
            strace.send_signal(signal.SIGINT)
            said = strace.communicate(timeout=30)[1]
        if not os.path.exists(summary) or 'Operation not permitted' in said:
            raise Failure('strace could not attach: ' + said.strip()[-500:])
        with open(summary, encoding='utf-8') as file:
            return parse(file.read())


def count_eventfd_writes(pid, seconds):
    """Wake-ups of an event loop by another thread: writes to an eventfd."""
    counts = count(pid, seconds, '-e', 'trace=write', '-P', 'anon_inode:[eventfd]')
    return counts.get('write', 0)


def parse(summary):
    """Calls by name from strace's table."""
    counts = {}
    for line in summary.splitlines():
        found = re.match(r'\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z_]\w*)\s*$', line)
        if found and found.group(2) != 'total':
            counts[found.group(2)] = counts.get(found.group(2), 0) + int(found.group(1))
    return counts


def by_kind(counts):
    """Kinds with their calls, the rest by name; the most frequent first within the rest."""
    left = dict(counts)
    kinds = [(kind, sum(left.pop(name, 0) for name in names)) for kind, names in KINDS]
    rest = sorted(left.items(), key=lambda item: -item[1])
    return [(kind, number) for kind, number in kinds if number] + rest
