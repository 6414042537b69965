"""Looks at report pages in a headless Chromium.

  python3 tests/train/look_at_report.py [--screenshots=FOLDER] PAGE...

Fails if the browser logs anything on the console, if a figure that the page's
data asks for is missing, or if there are more charts than lines in them. With a
folder it leaves pictures there: of a phone and of a desk, light and dark.
"""
import argparse
import html.parser
import json
import pathlib
import subprocess
import sys
import tempfile


class Dom(html.parser.HTMLParser):
  """Ids of elements, the page's data and the number of paths."""

  def __init__(self, text):
    super().__init__()
    self.ids, self.data, self.inside, self.paths = set(), '', None, 0
    self.feed(text)

  def handle_starttag(self, tag, attrs):
    attrs = dict(attrs)
    self.ids.add(attrs.get('id'))
    self.paths += tag == 'path'
    self.inside = attrs.get('id') if tag == 'script' else self.inside

  def handle_endtag(self, tag):
    self.inside = None if tag == 'script' else self.inside

  def handle_data(self, data):
    if self.inside == 'data':
      self.data += data


def chromium(page, *flags):
  """The browser's output for `page`, and what it logged on the console."""
  with tempfile.TemporaryDirectory() as profile:
    run = subprocess.run(
        ['chromium', '--headless', '--no-sandbox', '--disable-gpu',
         '--enable-logging=stderr', '--hide-scrollbars',
         f'--user-data-dir={profile}', '--virtual-time-budget=2000', *flags,
         page.resolve().as_uri()],
        capture_output=True, text=True, timeout=120, check=True)
  return run.stdout, [l for l in run.stderr.splitlines() if 'CONSOLE' in l]


def expected_ids(data):
  """The ids of the figures that `data` asks for."""
  if data['kind'] == 'comparison':
    return {'results'} | {
        f'curve-{c["name"]}-{c["split"]}'
        for run in data['runs'] for c in run['curves'] if c['split'] == 'test'}
  shown = data['shown']
  ids = {f'curve-{curve["name"]}' for curve in data['curves']} | {'status'}
  ids |= {f'picture-{i}' for i in range(len(shown['pictures']))}
  ids |= {f'text-{i}' for i in range(len(shown['texts']))}
  ids |= {'time'} if shown['time_by_op'] else set()
  ids |= {'scatter'} if 'regression' in shown else set()
  ids |= {'configuration'} if data['config'] else set()
  if 'classification' in shown:
    ids.add('calibration')
    ids |= {'mistakes'} if shown['classification']['mistakes'] else set()
    if 'confusion' in shown['classification']:
      ids |= {'confusion', 'per-class'}
  return ids


def faults(page):
  """What is wrong with `page`, in lines."""
  # Charts are drawn with the first frame, which the browser may not wait for.
  for _ in range(10):
    text, console = chromium(page, '--dump-dom', '--window-size=1280,1000')
    dom = Dom(text)
    curves = sum(name.startswith('curve-') for name in dom.ids if name)
    if dom.paths >= curves:
      break
  data = json.loads(dom.data)
  missing = expected_ids(data) - dom.ids
  lines = [f'{page}: {line}' for line in console]
  lines += [f'{page}: no figure {name}' for name in sorted(missing)]
  if dom.paths < curves:
    lines.append(f'{page}: {curves} charts but {dom.paths} lines')
  return lines


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('--screenshots', type=pathlib.Path)
  parser.add_argument('--height', type=int, default=3000)
  parser.add_argument('pages', nargs='+', type=pathlib.Path)
  options = parser.parse_args()
  lines = []
  for page in options.pages:
    lines += faults(page)
    if not options.screenshots:
      continue
    options.screenshots.mkdir(parents=True, exist_ok=True)
    for width in [375, 1280]:
      for scheme, flags in [('light', []), ('dark', [
          '--blink-settings=preferredColorScheme=0'])]:
        name = f'{page.parent.name}-{page.stem}-{width}-{scheme}.png'
        picture = (options.screenshots / name).resolve()
        chromium(page, f'--screenshot={picture}', *flags,
                 f'--window-size={width},{options.height}')
        print(picture)
  print('\n'.join(lines) or f'{len(options.pages)} pages are well')
  return 1 if lines else 0


if __name__ == '__main__':
  sys.exit(main())
