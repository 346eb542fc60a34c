"""Process trees as /proc shows them: their CPU time, their memory, their life."""
import os
import signal
import time

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
    """Asks the root to end, then all, then leaves them no choice. Seconds of patience for each."""
    pids = tree(root)
    send(pids, signal.SIGCONT)
    for targets, number in ((pids[:1], signal.SIGTERM), (pids, signal.SIGTERM),
                            (pids, signal.SIGKILL)):
        alive = [pid for pid in targets if is_alive(pid)]
        send(alive, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not any(is_alive(pid) for pid in pids):
                return
            time.sleep(0.05)


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
