"""Looks at report pages in a headless Chromium.

  python3 tests/train/look_at_report.py [--screenshots=FOLDER] PAGE...

Fails if the browser logs anything, if a page asks the network for something, is
wider than a phone, has a tag that does not end, has an id twice or lacks a
figure that its data ask for, if a chart is empty or does not tell its values to
the pointer and to the keyboard, if labels are cut off or names parted; or if a page of a run that goes on does not
load itself again as it was. With a folder it leaves pictures there: of a desk
and of a phone, light and dark.
"""
import argparse
import html.parser
import json
import pathlib
import re
import sys
import tempfile

from browser import Browser

DATA = re.compile(r'(id="data">)(.*?)(</script)', re.S)


class Tags(html.parser.HTMLParser):
  """The faults of a text's tags."""

  # They have no end.
  VOID = {'meta', 'link', 'br', 'img', 'wbr'}

  def __init__(self, text):
    super().__init__()
    self.open, self.faults = [], []
    self.feed(text)
    self.faults += [f'<{tag}> does not end' for tag in self.open]

  def handle_starttag(self, tag, attrs):
    self.open += [] if tag in self.VOID else [tag]

  def handle_endtag(self, tag):
    if not self.open or self.open.pop() != tag:
      self.faults.append(f'</{tag}> ends nothing')


def slug(name):
  return re.sub('[^A-Za-z0-9-]+', '_', name)


def expected_ids(data):
  """The ids of the figures that `data` asks for."""
  if data['kind'] == 'comparison':
    return {'results'} | {
        slug(f'curve-{c["name"]}-{c["split"]}')
        for run in data['runs'] for c in run['curves'] if c['split'] == 'test'}
  shown = data['shown']
  ids = {slug(f'curve-{curve["name"]}') for curve in data['curves']}
  ids |= {'status'}
  ids |= {f'picture-{i}' for i in range(len(shown['pictures']))}
  ids |= {f'weights-{i}' for i in range(len(shown['weights']))}
  ids |= {f'text-{i}' for i in range(len(shown['texts']))}
  ids |= {'time'} if shown['time_by_op'] else set()
  ids |= {'scatter'} if 'regression' in shown else set()
  ids |= {'configuration'} if data['config'] else set()
  if 'classification' in shown:
    ids |= {'calibration', 'glossary'}
    ids |= {'mistakes'} if shown['classification']['mistakes'] else set()
    if 'confusion' in shown['classification']:
      ids |= {'confusion', 'per-class'}
  return ids


def disagreements(data):
  """Where what a page shows is not what summary.json says."""
  summary, shown = data.get('summary'), data.get('shown')
  if not summary or not shown:
    return []
  pairs = []
  if 'classification' in shown:
    known = shown['classification']
    pairs.append(('accuracy', known['right'] / known['examples']))
  pairs += [('loss', curve['value'][-1]) for curve in data['curves']
            if curve['split'] == 'test' and curve['name'] == 'loss']
  # Curves have six digits.
  return [f'{name} {value} is {summary["test_" + name]} in the summary'
          for name, value in pairs
          if abs(value - summary['test_' + name]) > 1e-5 * abs(value)]


def untold(browser, data):
  """What figures and facts should say and do not."""
  lines = []
  if (data.get('summary') or {}).get('best_epoch'):
    facts = browser.run('document.querySelector(".facts").textContent')
    if not re.search(r'Best epoch[\d,]+(test|held-out) .*? -?\d', facts):
      lines.append('does not tell how the best epoch was')
  if regression := data.get('shown', {}).get('regression'):
    text = browser.run('document.querySelector("#scatter").textContent')
    if ('evenly' in text) != (len(regression['pairs']) < regression['examples']):
      lines.append('scatter does not tell whether these are all elements')
  return lines


# Labels that go over the edge of their chart, and names in front of a table's
# rows that are parted within a word. (A range counts the lines of its text.)
UNREADABLE = """(() => {
  const lines = [];
  for (const svg of document.querySelectorAll('svg')) {
    const edge = svg.getBoundingClientRect().left - 1;
    for (const label of svg.querySelectorAll('text')) {
      if (label.getBoundingClientRect().left < edge) {
        lines.push(`the label ${label.textContent} is cut off`);
      }
    }
  }
  for (const name of document.querySelectorAll(
           '#results tbody th, #differences tbody th')) {
    const texts = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      for (const word of node.data.matchAll(/[^-_.\\s]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (range.getClientRects().length > 1) {
          lines.push(`the name ${name.textContent} is parted in ${word[0]}`);
        }
      }
    }
  }
  return lines;
})()"""


def faults(browser, page):
  """What is wrong with `page`, in lines."""
  lines = Tags(page.read_text()).faults
  browser.open(page)
  data = json.loads(browser.run('document.getElementById("data").textContent'))
  lines += disagreements(data) + untold(browser, data)
  ids = browser.run('[...document.querySelectorAll("[id]")].map((e) => e.id)')
  lines += [f'no figure {name}' for name in expected_ids(data) - set(ids)]
  lines += [f'two of {name}' for name in set(ids) if ids.count(name) > 1]
  for name in (name for name in ids if name.startswith('curve-')):
    plot = f'document.querySelector("#{name} .plot")'
    value = f'document.querySelector("#{name} .box").ariaValueText'
    if not browser.run(f'!!{plot}?.querySelector("path[d]")'):
      lines.append(f'nothing in {name}')
      continue
    last = browser.run(value)
    several = browser.run(f'{plot}.querySelector("path").getTotalLength()') > 0
    left, top = browser.run(f'''(() => {{
      const inside = {plot}.firstChild;
      inside.scrollIntoView({{block: "center"}});
      const r = inside.getBoundingClientRect();
      return [r.left + 1, r.top + r.height / 2];
    }})()''')
    browser.point(left, top)
    if several and browser.run(value) == last:
      lines.append(f'{name} tells the pointer nothing')
    browser.point(1, 1)
    if browser.run(value) != last:
      lines.append(f'{name} does not forget the pointer')
    browser.run(f'document.querySelector("#{name} .box").focus()')
    browser.press('ArrowRight')
    if several and browser.run(value) == last:
      lines.append(f'{name} tells the keyboard nothing')
  browser.resize(375, 700)
  browser.settle()
  if (width := browser.run('document.documentElement.scrollWidth')) > 375:
    lines.append(f'a phone would have to be {width} wide')
  lines += browser.run(UNREADABLE)
  browser.resize(browser.width, browser.height)
  lines += browser.faults
  browser.faults.clear()
  return [f'{page}: {line}' for line in lines]


def write(page, text, **changes):
  """`text`, the page of a run, with changes to its data; atomically."""
  data = json.loads(DATA.search(text)[2]) | changes
  data = json.dumps(data).replace('<', '\\u003c')
  new = page.with_suffix('.new')
  new.write_text(DATA.sub(lambda m: m[1] + data + m[3], text))
  new.rename(page)


def faults_of_refreshing(browser, text):
  """The same of how the page `text` follows a run that goes on."""
  lines = []
  state = '''({
    title: document.querySelector("h1").textContent,
    scroll: scrollY,
    open: document.getElementById("configuration").open,
    pointed: document.querySelector("#curve-loss .box").ariaValueText,
    marked: document.querySelector("#curve-loss .mark").childElementCount > 0,
    focus: document.activeElement.tagName,
  })'''
  with tempfile.TemporaryDirectory() as folder:
    page = pathlib.Path(folder) / 'report.html'
    write(page, text, running=True, title='at first')
    browser.open(page)
    browser.run('document.querySelector("#configuration summary").click()')
    browser.run('document.querySelector("#configuration summary").focus()')
    browser.run('scrollTo(0, 120)')
    x, y = browser.run('''(() => {
      const inside = document.querySelector("#curve-loss .plot").firstChild;
      const r = inside.getBoundingClientRect();
      return [r.left + r.width / 2, r.top + r.height / 2];
    })()''')
    browser.point(x, y)
    before = browser.run(state)
    loads = browser.loads
    write(page, text, running=True, title='later')
    browser.wait(lambda: browser.loads > loads, 'the page to load itself again')
    browser.settle()
    after = browser.run(state)
    if after != before | {'title': 'later'} or not before['marked']:
      lines.append(f'before loading itself again: {before}, after: {after}')
    loads = browser.loads
    write(page, text, running=False, title='in the end')
    browser.wait(lambda: browser.loads > loads, 'the page to load its end')
    loads = browser.loads
    try:
      browser.wait(lambda: browser.loads > loads, 'nothing', seconds=5)
      lines.append('goes on to load itself when the run has ended')
    except TimeoutError:
      pass
    if browser.run('document.querySelector("h1").textContent') != 'in the end':
      lines.append('does not show the end')
  return lines + browser.faults


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('--screenshots', type=pathlib.Path)
  parser.add_argument('pages', nargs='+', type=pathlib.Path)
  options = parser.parse_args()
  lines = []
  with Browser() as browser:
    for page in options.pages:
      lines += faults(browser, page)
    runs = [text for text in (page.read_text() for page in options.pages)
            if '"kind":"report"' in text]
    if runs and not lines:
      lines += faults_of_refreshing(browser, runs[0])
  if options.screenshots:
    options.screenshots.mkdir(parents=True, exist_ok=True)
    for width in [1280, 375]:
      for dark in [False, True]:
        with Browser(width=width, dark=dark) as browser:
          for page in options.pages:
            name = (f'{page.parent.name}-{page.stem}-{width}-'
                    f'{"dark" if dark else "light"}.png')
            browser.open(page)
            browser.screenshot(options.screenshots / name)
            print(options.screenshots / name)
  print('\n'.join(lines) or f'{len(options.pages)} pages are well')
  return 1 if lines else 0


if __name__ == '__main__':
  sys.exit(main())
