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

// Whether most of a curve would lie flat on the axis: then its axis is
// logarithmic at first.
function isSteep(name, series) {
  if (['learning_rate', 'gradient_norm'].includes(name)) return false;
  const ys = series.filter(({style}) => style !== 'faint').flatMap(
      ({points}) => points.map((point) => point.y));
  return ys.length > 0 && ys.every((y) => y > 0) &&
      Math.max(...ys) > 1000 * Math.min(...ys);
}

function curveFigures(curves, units) {
  const names = [...new Set(curves.map((curve) => curve.name))];
  const xEnd = Math.max(1, ...curves.map((curve) => curve.step.at(-1)));
  return names.sort(byImportance).map((name) => {
    const series = seriesOf(curves.filter((curve) => curve.name === name));
    return lineChart({
      id: slug('curve-' + name),
      title: words(name) + unitOf(units, name, ', '),
      note: series.some((line) => line.name === 'smoothed') ? smoothingNote : '',
      xLabel: 'step',
      series,
      format: formatOf(name),
      log: isSteep(name, series),
      xEnd,
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
    const {svg, plot, x, y, say} = frame(box, {
      xRange: range, yRange: range, xLabel: 'true', yLabel: 'predicted',
      yTicks: 8, ratio: 0.8});
    plot.append(draw('line', {class: 'cursor', x1: x(range[0]), y1: y(range[0]),
                              x2: x(range[1]), y2: y(range[1])}));
    const dots = pairs.map(([truth, predicted]) => draw(
        'circle', {cx: x(truth), cy: y(predicted), r: 2.6,
                   style: {fill: 'var(--c0)', 'fill-opacity': 0.55}}));
    const mark = draw('circle', {r: 4.5, class: 'ring', visibility: 'hidden'});
    plot.append(...dots, mark);
    const move = (event) => {
      const [px, py] = placeIn(plot, event);
      const far = ([a, b]) => Math.hypot(x(a) - px, y(b) - py);
      const pair = pairs.reduce((a, b) => far(a) <= far(b) ? a : b);
      fill(mark, {cx: x(pair[0]), cy: y(pair[1]), visibility: 'visible'}, []);
      say(`true ${format(pair[0])}, predicted ${format(pair[1])}`);
    };
    if (pairs.length > 0) {
      plot.addEventListener('pointermove', move);
      plot.addEventListener('pointerdown', move);
    }
    plot.addEventListener('pointerleave', () => {
      mark.setAttribute('visibility', 'hidden');
      say(null);
    });
    box.replaceChildren(svg);
  };
  keepDrawn(box, redraw);
  return figure(
      'scatter', 'Predicted against true values',
      (regression.pairs.length === regression.examples ? 'On' :
           `${format(pairs.length)} of ${format(regression.examples)}, evenly ` +
               'chosen; on') +
          ' the diagonal a prediction is right.',
      box);
}

function regressionSection(regression) {
  if (!regression.pairs.flat().some(isNumber)) return null;
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

// Each pixel is shown as `zoom` by `zoom`.
function pictureFigures(id, pictures, zoom = 1) {
  return pictures.map(({caption, picture}, i) => {
    const srcset = `${picture} ${1 / zoom}x`;
    const element = captioned(`${id}-${i}`, caption,
                              make('img', {srcset, alt: caption}));
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

// A name that may be parted behind its underscores.
function breakable(name) {
  return make('span', {}, ...name.split('_').flatMap(
      (part, i) => i === 0 ? [part] : ['_', make('wbr'), part]));
}

function timeFigure(ops) {
  const sum = (values) => values.reduce((a, b) => a + (b || 0), 0);
  const seconds = sum(ops.map((op) => op.seconds));
  const share = sum(ops.map((op) => op.share));
  const most = Math.max(...ops.map((op) => op.share || 0), 1 - share, 1e-9);
  const bar = (part) => make('td', {class: 'bar'}, make('i', {
    style: {width: (100 * (part || 0) / most).toFixed(1) + '%'}}));
  const rows = [...ops].sort((a, b) => b.seconds - a.seconds)
      .map(({op, seconds, calls, share}) => [
        breakable(op), percent(share, 1), bar(share), duration(seconds), format(calls),
        calls > 0 ? duration(seconds / calls) : '–',
      ]);
  const rest = ['outside of ops', percent(1 - share, 1), bar(1 - share),
                duration(seconds / share - seconds), '', ''];
  const element = figure(
      'time', 'Time by op',
      'Shares of the time of the whole run. Outside of ops are the data, the ' +
          'optimizer, what is saved, the recording of the graph and the ' +
          'profiler itself.',
      make('div', {class: 'scroll', tabindex: 0}, table(
          ['op', 'share', make('td', {class: 'bar'}), 'time', 'calls', 'a call'], rows,
          {class: 'ops'}, share > 0 ? [rest] : [])));
  element.classList.add('wide');
  return element;
}

// A section that is folded up at first.
function foldable(id, title, content) {
  const details = make('details', {class: 'section', id},
                       make('summary', {}, title), content);
  details.open = recall(id) === true;
  details.addEventListener('toggle', () => remember(id, details.open));
  return details;
}

function settings(title, value) {
  const rows = flatten(value).map(
      ([name, setting]) => [name, make('td', {class: 'value'}, text(setting))]);
  if (rows.length === 0) return null;
  return foldable(title.toLowerCase(), title, make(
      'div', {class: 'scroll'}, table([], rows, {class: 'config'})));
}
