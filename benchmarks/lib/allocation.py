"""Bytes the broker's threads allocate, by the JVM's own counters.

Flight Recorder writes each thread's counter once a second. Threads that come and go within the
window are not seen; the broker has none on the way of a message.
"""
import json
import os
import re
import subprocess
import tempfile
import time
from datetime import datetime, timezone

from lib.project import Failure

EVENT = 'jdk.ThreadAllocationStatistics'
SETTINGS = f'''<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0" label="allocation" description="One counter a second and thread">
  <event name="{EVENT}">
    <setting name="enabled">true</setting>
    <setting name="period">1 s</setting>
  </event>
</configuration>
'''
# Threads of the recording itself.
NOT_OURS = ('JFR ', 'Attach Listener')


class Recording:
    """A Flight Recorder session of one event in a running JVM."""

    def __init__(self, pid):
        self.pid = pid
        self.tools = os.path.dirname(os.path.realpath(f'/proc/{pid}/exe'))

    def window(self, seconds):
        """Records for a while: bytes per second, by thread."""
        with tempfile.TemporaryDirectory(prefix='warren-benchmark.') as folder:
            settings = os.path.join(folder, 'allocation.jfc')
            recording = os.path.join(folder, 'allocation.jfr')
            with open(settings, 'w', encoding='utf-8') as file:
                file.write(SETTINGS)
            self._jcmd('JFR.start', 'name=allocation', f'settings={settings}')
            time.sleep(seconds)
            self._jcmd('JFR.stop', 'name=allocation', f'filename={recording}')
            return rates(self._events(recording))

    def _jcmd(self, *words):
        done = subprocess.run([os.path.join(self.tools, 'jcmd'), str(self.pid), *words],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f'jcmd {" ".join(words)}: {(done.stdout + done.stderr).strip()}')

    def _events(self, recording):
        done = subprocess.run([os.path.join(self.tools, 'jfr'), 'print', '--json', '--events',
                               EVENT, recording], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f'jfr print: {done.stderr.strip()}')
        return json.loads(done.stdout)['recording']['events']


def rates(events):
    """Bytes per second by thread, from its first counter to its last."""
    counters = {}
    for event in events:
        values = event['values']
        thread = values['thread'] or {}
        name = thread.get('javaName') or thread.get('osName') or '?'
        if name.startswith(NOT_OURS):
            continue
        key = (thread.get('javaThreadId'), name)
        counters.setdefault(key, []).append((seconds(values['startTime']), values['allocated']))
    found = {}
    for (_, name), series in counters.items():
        series.sort()
        (began, first), (ended, last) = series[0], series[-1]
        if ended > began:
            found[name] = found.get(name, 0) + (last - first) / (ended - began)
    if not found:
        raise Failure('the recording holds fewer than two counters for every thread: '
                      'measure for longer')
    return found


def seconds(text):
    """Seconds since 1970 of an ISO time with any number of decimals."""
    whole, fraction, zone = re.fullmatch(r'([^.Z+]+?)(\.\d+)?(Z|[+-]\d\d:?\d\d)?', text).groups()
    moment = datetime.fromisoformat(whole + (zone or '').replace('Z', '+00:00'))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp() + float(fraction or 0)
