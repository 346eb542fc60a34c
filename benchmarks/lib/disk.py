"""What a broker has on its disk, and what it wrote to get there."""
import os
import shutil
import tempfile

from lib.project import Failure

IN_MEMORY = ('tmpfs', 'ramfs')


def used_bytes(folder):
    """Bytes of disk the files below a folder occupy."""
    used = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                used += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                continue  # stores delete their files while they run
    return used


class Writes:
    """A stretch of a broker's life within one process: what it wrote and what its data folder
    grew by."""

    def __init__(self, broker):
        self.broker = broker
        self.written = broker.written_bytes()
        self.cancelled = broker.cancelled_bytes()
        self.used = used_bytes(broker.data)

    def stated(self, messages, size):
        """Per message of so many bytes of body. What was deleted before it reached the disk counts
        as written, and is stated by itself."""
        written = (self.broker.written_bytes() - self.written) / messages
        return {'written B/message': written, 'written per B of body': written / size,
                'of it deleted unwritten B/message':
                    (self.broker.cancelled_bytes() - self.cancelled) / messages}

    def grown(self, messages):
        return {'data folder B/message': (used_bytes(self.broker.data) - self.used) / messages}


def require(needed=0):
    """Data folders of brokers lie where temporary files do: that must be a disk with room."""
    folder = tempfile.gettempdir()
    if filesystem(folder) in IN_MEMORY:
        raise Failure(f'{folder} is in memory, durable lines need a disk: set TMPDIR')
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Failure(f'{folder} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed: '
                      'set TMPDIR')


def filesystem(folder):
    """The kind of file system a folder is on."""
    path, best, kind = os.path.realpath(folder), '', ''
    with open('/proc/mounts', encoding='utf-8') as mounts:
        for line in mounts:
            _, where, what, *_ = line.split()
            inside = path == where or path.startswith(where.rstrip('/') + '/')
            if inside and len(where) >= len(best):
                best, kind = where, what
    return kind
