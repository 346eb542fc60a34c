"""Process trees as /proc shows them: their CPU time, their memory, their life."""
import os
import signal
import time

from lib.project import Failure

TICKS = os.sysconf('SC_CLK_TCK')
PAGE = os.sysconf('SC_PAGE_SIZE')


def _stat(pid):
    """Parent, state, CPU ticks (with those of reaped children) and resident bytes."""
    with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
        text = file.read()
    fields = text[text.rindex(')') + 2:].split()
    return int(fields[1]), fields[0], sum(map(int, fields[11:15])), int(fields[21]) * PAGE


def all_stats():
    stats = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                stats[int(name)] = _stat(name)
            except (OSError, ValueError):
                continue  # it ended meanwhile
    return stats


def tree(root):
    """The living processes below a process, the root first."""
    stats = all_stats()
    children = {}
    for pid, (parent, *_) in stats.items():
        children.setdefault(parent, []).append(pid)
    found, todo = [], [root]
    while todo:
        pid = todo.pop(0)
        if pid in stats and stats[pid][1] != 'Z':
            found.append(pid)
            todo += children.get(pid, [])
    return found


def cpu_seconds(root):
    stats = all_stats()
    return sum(stats[pid][2] for pid in tree(root) if pid in stats) / TICKS


def resident_bytes(root):
    stats = all_stats()
    return sum(stats[pid][3] for pid in tree(root) if pid in stats)


def written_bytes(root):
    """What a tree had written to disks so far, as its living processes count it: pages made dirty
    in the page cache, each once until it is written back, and direct writes."""
    return sum(_field(f'/proc/{pid}/io', 'write_bytes') for pid in tree(root))


def cancelled_bytes(root):
    """The part of `written_bytes` that was deleted before the page cache wrote it back."""
    return sum(_field(f'/proc/{pid}/io', 'cancelled_write_bytes') for pid in tree(root))


def resident_and_highest(pids):
    """Resident bytes of some processes now, and the kernel's own record of the most ever."""
    return tuple(sum(_field(f'/proc/{pid}/status', name) for pid in pids) * 1024
                 for name in ('VmRSS', 'VmHWM'))


def _field(path, name):
    """A number in a file of `name: number` lines; 0 when the process has gone meanwhile."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            for line in file:
                key, _, value = line.partition(':')
                if key == name:
                    return int(value.split()[0])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def command_line(pid):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            return file.read().replace(b'\0', b' ').decode(errors='replace').strip()
    except OSError:
        return ''


def is_alive(pid):
    try:
        return _stat(pid)[1] != 'Z'
    except (OSError, ValueError):
        return False


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def freeze(root):
    """Stops a tree where it stands: it takes no CPU until it is thawed."""
    send(tree(root), signal.SIGSTOP)


def thaw(root):
    send(tree(root), signal.SIGCONT)


def end(root, patience):
    """Asks the root to end, then all, then leaves them no choice. Seconds of patience for each.
    True if they ended because they were asked to."""
    pids = tree(root)
    send(pids, signal.SIGCONT)
    for targets, number in ((pids[:1], signal.SIGTERM), (pids, signal.SIGTERM),
                            (pids, signal.SIGKILL)):
        alive = [pid for pid in targets if is_alive(pid)]
        send(alive, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not any(is_alive(pid) for pid in pids):
                return number != signal.SIGKILL
            time.sleep(0.02)
    return False


def kill(root, patience):
    """kill -9 for a whole tree; returns when all of it is gone."""
    pids = tree(root)
    send(pids, signal.SIGKILL)
    deadline = time.monotonic() + patience
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            raise Failure(f'process {root} survives kill -9')
        time.sleep(0.002)


def other_brokers(mine):
    """Brokers that run beside the measurement: (pid, what it is)."""
    found = []
    for pid, (_, state, *_) in all_stats().items():
        if pid in mine or state in 'ZT':
            continue
        words = command_line(pid).split()
        if not words:
            continue
        program = os.path.basename(words[0])
        if program.startswith('beam') or program == 'lavinmq':
            found.append((pid, program))
        elif program == 'java' and any(word.endswith('warren.jar') for word in words):
            found.append((pid, 'warren'))
    return found
