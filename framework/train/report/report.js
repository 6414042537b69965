// One run, and the beginning of all.

function facts(pairs) {
  return make('dl', {class: 'facts'}, ...pairs.map(
      ([name, value, note]) => make(
          'div', {}, make('dt', {}, name),
          make('dd', {}, value, note ? make('small', {}, note) : ''))));
}

// The numbers that one looks for first.
function factsOf({curves, summary, shown}) {
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
    add('Test accuracy', percent(right / examples),
        `95 % interval ${percent(interval[0])} to ${percent(interval[1])}`);
    const classes = classification.confusion && classification.confusion.classes;
    if (!classes || classes > 5) {
      add('Among the first five', percent(right_in_five / examples));
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
  add('Test loss', format(last('loss', 'test')),
      classification ? `perplexity ${format(classification.perplexity)}` : '');
  add('Training loss', format(last('loss', 'train_epoch')));
  if (summary) {
    add('Wall time', duration(summary.wall_seconds));
    if (summary.best_epoch) add('Best epoch', format(summary.best_epoch));
  }
  return result;
}

function statusOf({running, summary, curves}) {
  const last = (key) => Math.max(0, ...curves.flatMap((c) => c[key].slice(-1)));
  const where = `epoch ${format(last('epoch'))}, step ${format(last('step'))}`;
  if (running) {
    return make('p', {class: 'status running', id: 'status'},
                `Running: ${where}. The page loads itself again.`);
  }
  const reason = summary && summary.exit_reason || 'finished';
  const message = summary && summary.message ? ` ${summary.message}` : '';
  return make('p', {class: 'status', id: 'status'},
              `${words(text(reason))}: ${where}.${message}`);
}

function reportPage(data) {
  const {title, curves, config, summary, shown} = data;
  const names = shown.class_names;
  const label = (i) => i < names.length ? names[i] : String(i);
  const {pictures, texts} = shown;
  return [
    make('h1', {}, title), statusOf(data), facts(factsOf(data)),
    curves.length === 0 ? null :
        section('Curves', make('div', {class: 'figures'}, ...curveFigures(curves))),
    ...(shown.classification ?
            classificationSections(shown.classification, label) : []),
    shown.regression ? regressionSection(shown.regression) : null,
    texts.length === 0 ? null : section('Samples', ...textFigures(texts)),
    pictures.length === 0 ? null :
        section('Pictures', ...pictureFigures(pictures)),
    shown.time_by_op.length === 0 ? null :
        section('Time', timeFigure(shown.time_by_op)),
    settings('Configuration', config), settings('Summary', summary),
  ];
}

// Loads the page again every few seconds, at the same place; not while somebody
// points at it or it is hidden.
function keepFresh() {
  let touched = 0;
  for (const event of ['pointermove', 'pointerdown', 'scroll', 'keydown']) {
    addEventListener(event, () => touched = Date.now(), {passive: true});
  }
  setInterval(() => {
    if (document.hidden || Date.now() - touched < 1500) return;
    remember('scroll', scrollY);
    location.reload();
  }, 3000);
}

function main() {
  const data = JSON.parse(document.getElementById('data').textContent);
  const page = document.getElementById('page');
  const parts = data.kind === 'comparison' ? comparisonPage(data) : reportPage(data);
  page.replaceChildren(...parts.filter((part) => part !== null));
  if (!data.running) return;
  history.scrollRestoration = 'manual';
  const scroll = recall('scroll');
  // After the charts have got their heights.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (scroll) scrollTo(0, scroll);
    keepFresh();
  }));
}

main();
