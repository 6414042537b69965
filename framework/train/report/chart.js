// Lines against a common axis. A chart is
//
//   id, title, note   as of any figure
//   series            its lines, at least one
//   xLabel, xEnd      the name of the x axis, which goes from 0 to xEnd
//   format            of the values, as a function to a text; or none
//   log               whether the y axis is logarithmic at first
//
// a series {name, colour, style, points} with a style of "", "faint" or "dash",
// and at least one point {x, y, epoch}, in the order of x. The epoch may be
// missing.

// Of points in the order of x the one whose x is nearest: by bisection, for it
// is looked for with each movement of the pointer.
function nearest(points, x) {
  let low = 0, high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle].x < x) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return x - points[low].x <= points[high].x - x ? points[low] : points[high];
}

// The line through points, by the scales x and y.
function pathOf(points, x, y) {
  return points.map((point, i) => (i === 0 ? 'M' : 'L') +
      `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join('');
}

// The nearest point of each series to `at`, and of these the nearest.
function pointsAt(series, at) {
  const points = series.map(({points}) => nearest(points, at));
  const where = points.reduce(
      (a, b) => Math.abs(a.x - at) <= Math.abs(b.x - at) ? a : b);
  return {points, where};
}

// "step 1,407, epoch 3".
function placeText(chart, {x, epoch}) {
  return `${chart.xLabel} ${format(x)}` + (epoch ? `, epoch ${epoch}` : '');
}

// Draws `chart` into `box` and calls `onMove` with the x below the pointer, or
// null where it has left. Returns what marks an x, or null for none.
function drawLines(box, chart, log, onMove) {
  const {svg, plot, x, y, inner, invert, say} = frame(box, {
    xRange: [0, chart.xEnd],
    yRange: rangeOf(chart.series, log),
    log,
    xLabel: chart.xLabel,
    whole: true,
    yText: chart.format === percent ? percentTickText : tickText,
  });
  // A logarithmic axis has no place for 0.
  const hasPlace = (point) => !log || point.y > 0;
  const dot = (point, r, colour) => draw(
      'circle', {cx: x(point.x), cy: y(point.y), r, style: {fill: colour}});
  // Lines beyond the plot are cut off; dots at its edge are not.
  const lines = draw('svg', {...inner, overflow: 'hidden'});
  plot.append(lines);
  for (const {colour, style, points} of chart.series) {
    const placed = points.filter(hasPlace);
    lines.append(draw('path', {class: 'line ' + style, style: {stroke: colour},
                              d: pathOf(placed, x, y)}));
    // Few points are seen as dots, too; a single one as nothing else.
    if (points.length > (style === 'faint' ? 1 : 24)) continue;
    plot.append(...placed.map((point) => dot(point, 2.6, colour)));
  }
  const cursor = draw('g', {class: 'mark'});
  plot.append(cursor);
  const move = (event) => onMove(invert(placeIn(plot, event)[0]));
  plot.addEventListener('pointermove', move);
  plot.addEventListener('pointerdown', move);
  plot.addEventListener('pointerleave', () => onMove(null));
  box.replaceChildren(svg);
  return (at) => {
    cursor.replaceChildren();
    say(null);
    if (at === null) return;
    const {points, where} = pointsAt(chart.series, at);
    say(placeText(chart, where));
    cursor.append(
        draw('line', {class: 'cursor', x1: x(where.x), x2: x(where.x), y1: 0,
                      y2: inner.height}));
    points.forEach((point, i) => {
      if (!hasPlace(point)) return;
      cursor.append(dot(point, 3.4, chart.series[i].colour));
    });
  };
}

// The x that follows `at`, or null, in the direction 1 or -1: for who has no
// pointer.
function nextStop(series, at, direction) {
  const stops = [...new Set(series.flatMap(
      ({points}) => points.map((point) => point.x)))].sort((a, b) => a - b);
  // Some eighty strokes lead through the longest of curves.
  const stride = Math.max(1, Math.round(stops.length / 80));
  const now = at === null ? (direction > 0 ? -stride : stops.length) :
                            stops.findIndex((stop) => stop >= at);
  return stops[Math.min(Math.max(now + direction * stride, 0), stops.length - 1)];
}

// The chart as a figure. The legend shows the values at the pointer, or the
// last ones; arrow keys move as the pointer does.
function lineChart(chart) {
  const {id, title, series} = chart;
  const text = chart.format || format;
  const values = series.map(() => make('b'));
  const legend = make(
      'div', {class: 'legend'},
      ...series.map(({name, colour, style}, i) => make(
          'span', {},
          make('i', {class: 'key ' + style, style: {'border-color': colour}}),
          name + ' ', values[i])));
  const box = make('div', {
    class: 'box', tabindex: 0, role: 'slider', 'aria-label': title,
    'aria-valuemin': 0, 'aria-valuemax': chart.xEnd,
  });
  const holder = make('div', {class: 'chart'}, legend, box);
  // What a page that loads itself again had before. JSON has no undefined: an
  // axis that nobody chose is the chart's own.
  const {log: chosen, at: marked} = recall(id) || {};
  let log = chosen === undefined ? chart.log : chosen;
  let at = marked === undefined ? null : marked;  // The x that is marked.
  let mark = () => {};
  const show = () => {
    const {points, where} = pointsAt(series, at === null ? chart.xEnd : at);
    points.forEach((point, i) => values[i].textContent = text(point.y));
    box.setAttribute('aria-valuenow', where.x);
    box.setAttribute('aria-valuetext', `${placeText(chart, where)}: ` +
        series.map(({name}, i) => `${name} ${text(points[i].y)}`).join(', '));
    mark(at);
    remember(id, {log: log === chart.log ? undefined : log, at});
  };
  const move = (to) => {
    at = to;
    show();
  };
  const redraw = () => {
    mark = drawLines(box, chart, log, move);
    show();
  };
  box.addEventListener('keydown', ({key}) => {
    const direction = {ArrowLeft: -1, ArrowRight: 1}[key];
    if (direction) move(nextStop(series, at, direction));
    if (key === 'Escape') move(null);
  });
  // What a page that was loaded again still marks goes when the pointer is seen
  // elsewhere.
  addEventListener('pointermove', (event) => {
    if (at !== null && !holder.contains(event.target)) move(null);
  });
  // Parts of a whole, and what is below 0 or 0 everywhere, have no use for it.
  const positive = series.every(({points}) => points.every(({y}) => y >= 0)) &&
      series.some(({points}) => points.some(({y}) => y > 0));
  if (chart.format !== percent && positive) {
    const button = make('button', {type: 'button', 'aria-pressed': log,
                                   'aria-label': 'Logarithmic axis',
                                   title: 'Logarithmic axis'}, 'log');
    button.addEventListener('click', () => {
      log = !log;
      button.setAttribute('aria-pressed', log);
      redraw();
    });
    holder.append(button);
  }
  keepDrawn(box, redraw);
  return figure(id, title, chart.note, holder);
}
