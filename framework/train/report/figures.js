// Curves, and all that is not about classes.

// Names of values, the most telling first.
function byImportance(a, b) {
  const place = (name) => {
    const at = ['loss', 'accuracy'].indexOf(name);
    const last = ['learning_rate', 'gradient_norm'].indexOf(name);
    return at >= 0 ? at : last >= 0 ? 100 + last : 50;
  };
  return place(a) - place(b);
}

function pointsOf(curve) {
  return curve.step.map(
      (x, i) => ({x, y: curve.value[i], epoch: curve.epoch[i]}));
}

const smoothingNote =
    'Each point of a smoothed line is the mean of a fortieth of the run.';

// The mean of each point and those around it, a fortieth of all.
function smooth(points) {
  const half = Math.max(1, Math.round(points.length / 80));
  const sums = [0];
  for (const {y} of points) sums.push(sums.at(-1) + y);
  return points.map((point, i) => {
    const low = Math.max(0, i - half);
    const high = Math.min(points.length, i + half + 1);
    return {...point, y: (sums[high] - sums[low]) / (high - low)};
  });
}

// One value's lines in a run.
function seriesOf(curves) {
  const series = [];
  const has = (split) => curves.find((curve) => curve.split === split);
  const add = (curve, name, colour, style) => series.push(
      {name, colour, style, points: pointsOf(curve)});
  const steps = has('train'), epochs = has('train_epoch'), test = has('test');
  if (steps && steps.value.length > 50 && curves.length > 1) {
    add(steps, 'steps', 'var(--c7)', 'faint');
    series.push({name: 'smoothed', colour: 'var(--c7)', style: '',
                 points: smooth(series[0].points)});
  } else if (steps) {
    const alone = curves.length === 1;
    add(steps, 'steps', alone ? 'var(--c0)' : 'var(--c7)', alone ? '' : 'faint');
  }
  if (epochs) add(epochs, 'train', 'var(--c0)', '');
  if (test) add(test, 'test', 'var(--c1)', '');
  const rest = curves.filter((c) => ![steps, epochs, test].includes(c));
  rest.forEach((curve, i) => add(curve, curve.split, `var(--c${3 + i % 5})`, ''));
  return series;
}

function curveFigures(curves) {
  const names = [...new Set(curves.map((curve) => curve.name))];
  return names.sort(byImportance).map((name) => {
    const series = seriesOf(curves.filter((curve) => curve.name === name));
    return lineChart({
      id: 'curve-' + name,
      title: words(name),
      note: series.some((line) => line.name === 'smoothed') ? smoothingNote : '',
      x: 'step',
      series,
      format: formatOf(name),
      log: !/accuracy/.test(name),
    });
  });
}

// Predicted against true values.
function scatterFigure(regression) {
  const pairs = regression.pairs.filter(([a, b]) => isNumber(a) && isNumber(b));
  const box = make('div', {
    role: 'img',
    'aria-label': `Predicted against true values of ${pairs.length} elements`,
  });
  const redraw = () => {
    const range = rangeOf([{points: pairs.flat().map((y) => ({y}))}], false);
    const {svg, plot, x, y} = frame(
        box, {xRange: range, yRange: range, xLabel: 'true', ratio: 0.8});
    plot.append(draw('line', {class: 'cursor', x1: x(range[0]), y1: y(range[0]),
                              x2: x(range[1]), y2: y(range[1])}));
    for (const [truth, predicted] of pairs) {
      plot.append(draw(
          'circle', {cx: x(truth), cy: y(predicted), r: 2.6,
                     style: {fill: 'var(--c0)', 'fill-opacity': 0.55}},
          draw('title', {}, `true ${format(truth)}, predicted ${format(predicted)}`)));
    }
    box.replaceChildren(svg);
  };
  watchWidth(box, redraw);
  return figure(
      'scatter', 'Predicted against true values',
      `${format(pairs.length)} of ${format(regression.examples)}, evenly ` +
          'chosen; on the diagonal a prediction is right.',
      box);
}

function regressionSection(regression) {
  return section('Predictions', make('div', {class: 'figures'},
                                     scatterFigure(regression)));
}

// The first sentence of a caption is its title.
function captioned(id, caption, ...content) {
  const end = caption.indexOf('. ');
  return end < 0 ? figure(id, caption.replace(/\.$/, ''), '', ...content) :
                   figure(id, caption.slice(0, end), caption.slice(end + 2),
                          ...content);
}

function pictureFigures(pictures) {
  return pictures.map(({caption, picture}, i) => {
    const element = captioned('picture-' + i, caption, make('img', {src: picture, alt: caption}));
    element.classList.add('wide', 'picture');
    return element;
  });
}

function textFigures(texts) {
  return texts.map(({caption, text}, i) => {
    const element = captioned('text-' + i, caption, make('pre', {}, text));
    element.classList.add('wide');
    return element;
  });
}

function timeFigure(ops) {
  const most = Math.max(...ops.map((op) => op.share || 0), 1e-9);
  const bar = (share) => make('td', {class: 'bar'}, make('i', {
    style: {width: (100 * (share || 0) / most).toFixed(1) + '%'}}));
  const rows = [...ops].sort((a, b) => b.seconds - a.seconds)
      .map(({op, seconds, calls, share}) => [
        op, percent(share, 1), bar(share), duration(seconds), format(calls),
        isNumber(seconds) && calls > 0 ?
            format(Math.round(1e7 * seconds / calls) / 10) : '–',
      ]);
  const element = figure(
      'time', 'Time by op', '',
      make('div', {class: 'scroll', tabindex: 0}, table(
          ['op', 'share', '', 'time', 'calls', 'µs a call'], rows, {})));
  element.classList.add('wide');
  return element;
}

function settings(title, value) {
  const rows = flatten(value).map(
      ([name, setting]) => [name, make('td', {class: 'value'}, text(setting))]);
  if (rows.length === 0) return null;
  const id = title.toLowerCase();
  const details = make(
      'details', {class: 'section', id}, make('summary', {}, title),
      make('div', {class: 'scroll'}, table([], rows, {class: 'config'})));
  details.open = recall(id) === true;
  details.addEventListener('toggle', () => remember(id, details.open));
  return details;
}
