"""A headless Chromium, driven over its DevTools protocol on two pipes.

  with Browser(width=1280) as browser:
    browser.open(pathlib.Path('report.html'))
    print(browser.run('document.title'), browser.faults)
"""
import base64
import fcntl
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time


class Browser:
  """One page. `faults` collects what it logs, and exceptions of its scripts."""

  def __init__(self, width=1280, height=1000, dark=False):
    self.width, self.height, self.dark = width, height, dark
    self.faults, self.loads = [], 0
    self._last_id, self._session, self._unread = 0, None, b''

  def __enter__(self):
    self._profile = tempfile.TemporaryDirectory()
    # The browser reads from its descriptor 3 and writes to its 4: ours are to
    # be others, or one redirection would overwrite the other.
    ends = []
    for end in os.pipe() + os.pipe():
      ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
      os.close(end)
    theirs_in, self._to, self._from, theirs_out = ends
    self._process = subprocess.Popen(
        ['bash', '-c', f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', 'bash',
         'chromium', '--headless', '--no-sandbox', '--disable-gpu',
         '--hide-scrollbars', '--remote-debugging-pipe',
         f'--user-data-dir={self._profile.name}', 'about:blank'],
        pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    os.close(theirs_in)
    os.close(theirs_out)
    targets = self.call('Target.getTargets')['targetInfos']
    page = next(t['targetId'] for t in targets if t['type'] == 'page')
    self._session = self.call('Target.attachToTarget', targetId=page,
                              flatten=True)['sessionId']
    for domain in ['Page', 'Runtime', 'Log', 'Network']:
      self.call(f'{domain}.enable')
    self.resize(self.width, self.height)
    self.call('Emulation.setEmulatedMedia', features=[{
        'name': 'prefers-color-scheme',
        'value': 'dark' if self.dark else 'light'}])
    return self

  def __exit__(self, *_):
    self._session = None
    self.call('Browser.close')
    self._process.wait(timeout=20)
    os.close(self._to)
    os.close(self._from)
    self._profile.cleanup()

  def call(self, method, **params):
    """The protocol's answer to `method`."""
    self._last_id += 1
    message = {'id': self._last_id, 'method': method, 'params': params}
    if self._session:
      message['sessionId'] = self._session
    os.write(self._to, json.dumps(message).encode() + b'\0')
    while True:
      answer = self._read(time.monotonic() + 60)
      if answer.get('id') == self._last_id:
        break
    if 'error' in answer:
      raise RuntimeError(f'{method}: {answer["error"]["message"]}')
    return answer['result']

  def open(self, page):
    """Loads the file `page` and waits until it has drawn itself."""
    loads = self.loads
    self.call('Page.navigate', url=pathlib.Path(page).resolve().as_uri())
    self.wait(lambda: self.loads > loads, 'the page to load')
    self.settle()

  def settle(self):
    """Waits for two frames: charts are drawn with the first."""
    self.run('new Promise((done) => requestAnimationFrame('
             '() => requestAnimationFrame(() => done(1))))')

  def run(self, script):
    """The value of `script`, or of its promise."""
    answer = self.call('Runtime.evaluate', expression=script,
                       awaitPromise=True, returnByValue=True)
    if 'exceptionDetails' in answer:
      raise RuntimeError(f'{script}: {answer["exceptionDetails"]}')
    return answer['result'].get('value')

  def wait(self, condition, what, seconds=20):
    """Reads events until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
      if time.monotonic() > end:
        raise TimeoutError(f'waited {seconds} s for {what}')
      self._read(min(end, time.monotonic() + 0.1))

  def resize(self, width, height):
    self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
              deviceScaleFactor=1, mobile=width < 600)

  def point(self, x, y, kind='mouseMoved'):
    """Moves the pointer; the page is told of it with the next frame."""
    self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y)
    self.settle()

  def press(self, key):
    """A key, such as "Tab" or "ArrowRight"."""
    for kind in ['rawKeyDown', 'keyUp']:
      code = {'Tab': 9, 'Enter': 13, 'ArrowLeft': 37, 'ArrowRight': 39}[key]
      self.call('Input.dispatchKeyEvent', type=kind, key=key, code=key,
                windowsVirtualKeyCode=code)

  def screenshot(self, path):
    """The whole page, as a PNG file."""
    size = self.call('Page.getLayoutMetrics')['cssContentSize']
    shot = self.call('Page.captureScreenshot', captureBeyondViewport=True,
                     clip={'x': 0, 'y': 0, 'width': self.width,
                           'height': size['height'], 'scale': 1})
    path.write_bytes(base64.b64decode(shot['data']))

  def _read(self, deadline):
    """The next message, noted; {} if there is none until `deadline`."""
    while b'\0' not in self._unread:
      left = max(0, deadline - time.monotonic())
      if not select.select([self._from], [], [], left)[0]:
        return {}
      more = os.read(self._from, 1 << 16)
      if not more:
        raise RuntimeError('the browser has ended')
      self._unread += more
    message, self._unread = self._unread.split(b'\0', 1)
    message = json.loads(message)
    self._note(message.get('method'), message.get('params', {}))
    return message

  def _note(self, event, params):
    if event == 'Page.loadEventFired':
      self.loads += 1
    elif event == 'Runtime.exceptionThrown':
      details = params['exceptionDetails']
      self.faults.append(details.get('exception', details).get(
          'description', details['text']))
    elif event == 'Runtime.consoleAPICalled':
      self.faults.append(f'console: {params["args"]}')
    elif event == 'Log.entryAdded':
      self.faults.append(params['entry']['text'])
    elif event == 'Network.requestWillBeSent':
      url = params['request']['url']
      if not url.startswith(('file:', 'data:')):
        self.faults.append(f'asks the network for {url}')
