// One run, and the beginning of all.

function facts(pairs) {
  return make('dl', {class: 'facts'}, ...pairs.map(
      ([name, value, note]) => make(
          'div', {}, make('dt', {}, name),
          make('dd', {}, value, note ? make('small', {}, note) : ''))));
}

// Of five classes or fewer the true one is always among the five likeliest.
function hasTopFive({confusion}) {
  return !confusion || confusion.classes > 5;
}

// What the best epoch is judged by, and how it was: "loss 0.009963".
function bestOf({best_test_metrics, best_test_accuracy, best_test_loss}, units) {
  for (const [name, value] of Object.entries(best_test_metrics || {})) {
    return `${name} ${format(value)}${unitOf(units, name, '\u00a0')}`;
  }
  return isNumber(best_test_accuracy) ?
      `accuracy ${percent(best_test_accuracy)}` :
      `loss ${format(best_test_loss)}`;
}

// The numbers that one looks for first.
function factsOf({curves, config, summary, shown}) {
  const flags = config && config.flags || {};
  const test = Number(flags.validation_fraction) > 0 ? 'Held-out' : 'Test';
  const last = (name, split) => {
    const curve = curves.find((c) => c.name === name && c.split === split);
    return curve ? curve.value.at(-1) : null;
  };
  const {classification, regression} = shown;
  const result = [];
  const add = (name, value, note) => {
    if (value !== '–') result.push([name, value, note]);
  };
  if (classification) {
    const {right, examples, interval, right_in_five} = classification;
    add(test + ' accuracy', percent(right / examples),
        `95 % interval ${percent(interval[0])} to ${percent(interval[1])}`);
    if (hasTopFive(classification)) {
      add('Top-5 accuracy', percent(right_in_five / examples));
    }
    if (classification.confusion) {
      add('Macro F1', percent(classification.confusion.macro.f1));
    }
  }
  if (regression) {
    add('Mean squared error', format(regression.mean_squared_error));
    add('Mean absolute error', format(regression.mean_absolute_error));
    add('R²', format(regression.r_squared));
  }
  add(test + ' loss', format(last('loss', 'test')),
      classification ? `perplexity ${format(classification.perplexity)}` : '');
  add('Training loss', format(last('loss', 'train_epoch')));
  if (summary) {
    add('Wall time', duration(summary.wall_seconds));
    if (summary.best_epoch) {
      add('Best epoch', format(summary.best_epoch),
          `${test.toLowerCase()} ${bestOf(summary, shown.units)}` +
              (summary.best_undone ? ', before a roll-back' : ''));
    }
  }
  return result;
}

// Minutes since the page was written; not known of pages from some servers.
function minutesOld() {
  return (Date.now() - new Date(document.lastModified).getTime()) / 60000;
}

function statusOf({running, summary, curves}) {
  const last = (key) => Math.max(0, ...curves.flatMap((c) => c[key].slice(-1)));
  // Not every step is in the curves.
  const step = Math.max(last('step'), summary && summary.steps || 0);
  const where = `epoch ${format(last('epoch'))}, step ${format(step)}`;
  if (running) {
    const old = minutesOld();
    // Long after a process was killed its page would go on to call it running.
    const lost = old < 10 ? '' : ` Nothing new for ${Math.floor(old)} minutes: ` +
        'an epoch takes long, or the program was ended from outside.';
    return make(
        'p', {class: lost ? 'status' : 'status running', id: 'status'},
        `Running: ${where}.${lost} `, pauseButton());
  }
  const reason = summary && summary.exit_reason || 'finished';
  const message = summary && summary.message;
  // A message has lines, and columns in them.
  return make('div', {class: 'status', id: 'status'},
              `${words(text(reason))}: ${where}.`,
              message ? make('pre', {}, text(message)) : '');
}

function reportPage(data) {
  const {title, curves, config, summary, shown} = data;
  const names = shown.class_names;
  const label = (i) => names[i] || String(i);
  const {pictures, texts, weights} = shown;
  return [
    make('h1', {}, title), statusOf(data), facts(factsOf(data)),
    curves.length === 0 ? null :
        section('Curves', make('div', {class: 'figures'}, ...curveFigures(curves, shown.units))),
    ...(shown.classification ?
            classificationSections(shown.classification, label) : []),
    shown.regression ? regressionSection(shown.regression) : null,
    texts.length + pictures.length === 0 ? null :
        section('In the end', ...textFigures(texts),
                ...pictureFigures('picture', pictures)),
    weights.length === 0 ? null :
        section('Weights', ...pictureFigures('weights', weights, 2)),
    shown.time_by_op.length === 0 ? null :
        section('Time', timeFigure(shown.time_by_op)),
    glossary(data), settings('Configuration', config),
    settings('Summary', summary),
  ];
}

// What moves about the page: where it is scrolled to, and what has the focus.
const scrollers = () => [...document.querySelectorAll('.scroll, pre')];
const stops = () => [...document.querySelectorAll('button, summary, [tabindex]')];

function rememberPlace() {
  remember('place', {
    scroll: scrollY,
    inner: scrollers().map((e) => [e.scrollLeft, e.scrollTop]),
    focus: stops().indexOf(document.activeElement),
  });
}

function returnToPlace() {
  const place = recall('place');
  if (!place) return;
  scrollers().forEach((element, i) => {
    [element.scrollLeft, element.scrollTop] = place.inner[i] || [0, 0];
  });
  const focused = stops()[place.focus];
  if (focused) focused.focus({preventScroll: true});
  scrollTo(0, place.scroll);
  remember('place', null);
}

function pauseButton() {
  const button = make('button', {type: 'button', id: 'pause'});
  const name = () => {
    button.textContent = recall('paused') ? 'Go on' : 'Pause';
    button.title = recall('paused') ?
        'Load the page again every few seconds' :
        'Do not load the page again every few seconds';
  };
  name();
  button.addEventListener('click', () => {
    remember('paused', !recall('paused'));
    name();
  });
  return button;
}

// Loads the page again every few seconds, at the same place; not while somebody
// moves on it or it is hidden. (A script cannot read a file beside its own, so
// that nothing less than the page can be loaded.)
function keepFresh() {
  let touched = 0;
  history.scrollRestoration = 'manual';
  for (const event of ['pointermove', 'pointerdown', 'scroll', 'keydown']) {
    addEventListener(event, () => touched = Date.now(), {passive: true});
  }
  setInterval(() => {
    if (document.hidden || recall('paused')) return;
    if (Date.now() - touched < 1500) return;
    rememberPlace();
    location.reload();
  }, 3000);
}

function main() {
  const data = JSON.parse(document.getElementById('data').textContent);
  const page = document.getElementById('page');
  const parts = data.kind === 'comparison' ? comparisonPage(data) : reportPage(data);
  page.replaceChildren(...parts.filter((part) => part !== null));
  for (const drawNow of undrawn) drawNow();
  returnToPlace();
  if (data.running) keepFresh();
}

main();
