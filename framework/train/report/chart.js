// Lines against a common axis. A chart is {id, title, x, series, format, log}:
// series are {name, colour, style, points}, points {x, y, epoch} in the order
// of x, a style "", "faint" or "dash".

// Round numbers in [low, high], some `count` of them.
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const unit = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].find((n) => n * unit >= raw * 0.999) * unit;
  const result = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9;
       ++i) {
    result.push(i * step);
  }
  return result;
}

// Powers of ten in [low, high]; with twice and five times of them where they
// are few.
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : [1, 2, 5];
  const every = Math.max(1, Math.ceil(decades / 6));
  const result = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += every) {
    for (const step of steps) {
      const tick = step * Math.pow(10, e);
      if (tick >= low * 0.999 && tick <= high * 1.001) result.push(tick);
    }
  }
  return result.length >= 2 ? result : ticks(low, high, 4);
}

// 1500 as "1.5k"; digits enough to tell ticks `step` apart.
function tickText(x, step) {
  if (x === 0) return '0';
  const size = Math.abs(x);
  for (const [unit, letter] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (size >= unit) return parseFloat((x / unit).toPrecision(4)) + letter;
  }
  if (size < 1e-3) return x.toExponential().replace(/(\.\d)\d*/, '$1');
  return x.toFixed(Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9))));
}

function quantile(sorted, q) {
  return sorted[Math.round(q * (sorted.length - 1))];
}

// The range of the values. Of faint lines the outermost hundredths do not
// count, or one wild step would flatten all else.
function rangeOf(series, log) {
  let values = [];
  for (const {style, points} of series) {
    const ys = points.map((point) => point.y).filter((y) => !log || y > 0);
    if (ys.length === 0) continue;
    ys.sort((a, b) => a - b);
    const cut = style === 'faint' && ys.length > 50 ? 0.01 : 0;
    values.push(quantile(ys, cut), quantile(ys, 1 - cut));
  }
  if (values.length === 0) return log ? [0.1, 1] : [0, 1];
  const low = Math.min(...values), high = Math.max(...values);
  if (log) {
    return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  }
  const pad = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.1 || 1;
  // Zero is a better end than a little less.
  return [low >= 0 && low < pad * 3 ? 0 : low - pad, high + pad];
}

// The point whose x is nearest.
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

// The scales and the frame of a plot as wide as `box`: {svg, plot, x, y, ...}.
function frame(box, {xRange, yRange, log, xLabel, yText, ratio = 0.56}) {
  const width = Math.max(240, Math.floor(box.clientWidth));
  const height = Math.round(Math.min(Math.max(width * ratio, 190), 520));
  const left = 44, right = 16, top = 10, bottom = 34;
  const inner = {width: width - left - right, height: height - top - bottom};
  const f = log ? Math.log10 : (y) => y;
  const [x0, x1] = xRange, y0 = f(yRange[0]), y1 = f(yRange[1]);
  const x = (v) => (v - x0) / (x1 - x0) * inner.width;
  const y = (v) => inner.height - (f(v) - y0) / (y1 - y0) * inner.height;
  const svg = draw('svg', {width, height, viewBox: `0 0 ${width} ${height}`});
  const axes = draw('g', {transform: `translate(${left},${top})`});
  const yTicks = log ? logTicks(...yRange) : ticks(...yRange, 5);
  const yStep = yTicks.length > 1 ? yTicks[1] - yTicks[0] : 1;
  for (const tick of yTicks) {
    const at = Math.round(y(tick)) + 0.5;
    axes.append(
        draw('line', {class: 'grid', x1: 0, x2: inner.width, y1: at, y2: at}),
        draw('text', {x: -7, y: at + 3.5, 'text-anchor': 'end'},
             yText ? yText(tick, yStep) : tickText(tick, log ? tick : yStep)));
  }
  const xTicks = ticks(x0, x1, Math.max(3, Math.floor(inner.width / 75)));
  for (const tick of xTicks) {
    const at = Math.round(x(tick)) + 0.5;
    axes.append(
        draw('line', {class: 'axis', x1: at, x2: at, y1: inner.height,
                      y2: inner.height + 4}),
        draw('text', {x: at, y: inner.height + 16, 'text-anchor': 'middle'},
             tickText(tick, xTicks[1] - xTicks[0])));
  }
  axes.append(
      draw('line', {class: 'axis', x1: 0, x2: inner.width,
                    y1: inner.height + 0.5, y2: inner.height + 0.5}),
      draw('text', {x: inner.width, y: inner.height + 30, 'text-anchor': 'end'},
           xLabel));
  const plot = draw('svg', {class: 'plot', x: left, y: top, ...inner},
                    draw('rect', {...inner, 'fill-opacity': 0}));
  svg.append(axes, plot);
  return {svg, plot, x, y, inner, invert: (at) => x0 + at / inner.width * (x1 - x0)};
}

function pathOf(points, x, y, log) {
  let path = '';
  for (const point of points) {
    if (log && point.y <= 0) continue;
    path += `${path ? 'L' : 'M'}${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`;
  }
  return path;
}

// Draws `chart` into `box` and tells `show` the points below the pointer, or
// null where it has left.
function drawLines(box, chart, log, show) {
  const xs = chart.series.flatMap(({points}) => [points[0].x, points.at(-1).x]);
  let low = Math.min(...xs), high = Math.max(...xs);
  if (low === high) [low, high] = [0, Math.max(1, 2 * high)];
  const {svg, plot, x, y, inner, invert} = frame(box, {
    xRange: [low < high / 2 ? 0 : low, high],
    yRange: rangeOf(chart.series, log),
    log,
    xLabel: chart.x,
    yText: chart.format === percent ?
        (tick, step) => (100 * tick).toFixed(
            Math.max(0, Math.ceil(-Math.log10(100 * step) - 1e-9))) + '%' :
        null,
  });
  // Lines beyond the plot are cut off; dots at its edge are not.
  const lines = draw('svg', {...inner, overflow: 'hidden'});
  plot.append(lines);
  for (const {colour, style, points} of chart.series) {
    lines.append(draw('path', {class: 'line ' + style, style: {stroke: colour},
                              d: pathOf(points, x, y, log)}));
    if (points.length > 24 || style === 'faint') continue;
    for (const point of points) {
      if (log && point.y <= 0) continue;
      plot.append(draw('circle', {cx: x(point.x), cy: y(point.y), r: 2.6,
                                  style: {fill: colour}}));
    }
  }
  const cursor = draw('g', {visibility: 'hidden'});
  plot.append(cursor);
  const move = (event) => {
    const at = invert(event.clientX - plot.getBoundingClientRect().left);
    const points = chart.series.map((series) => nearest(series.points, at));
    const where = points.reduce(
        (a, b) => Math.abs(a.x - at) <= Math.abs(b.x - at) ? a : b);
    cursor.replaceChildren(
        draw('line', {class: 'cursor', x1: x(where.x), x2: x(where.x), y1: 0,
                      y2: inner.height}),
        ...points.map((point, i) => log && point.y <= 0 ? draw('g') :
            draw('circle', {cx: x(point.x), cy: y(point.y), r: 3.4,
                            style: {fill: chart.series[i].colour}})));
    cursor.setAttribute('visibility', 'visible');
    show(where, points);
  };
  plot.addEventListener('pointermove', move);
  plot.addEventListener('pointerdown', move);
  plot.addEventListener('pointerleave', () => {
    cursor.setAttribute('visibility', 'hidden');
    show(null);
  });
  box.replaceChildren(svg);
}

// The chart as a figure, redrawn when its width changes. The legend shows the
// values at the pointer, or the last ones.
function lineChart(chart) {
  const {id, title, series} = chart;
  const text = chart.format || format;
  const values = series.map(() => make('b'));
  const where = make('span', {class: 'where'});
  const show = (point, points) => {
    series.forEach(({points: all}, i) => {
      values[i].textContent = text((points ? points[i] : all.at(-1)).y);
    });
    where.textContent = !point ? '' : `${chart.x} ${format(point.x)}` +
        (point.epoch ? `, epoch ${point.epoch}` : '');
  };
  const legend = make(
      'div', {class: 'legend'},
      ...series.map(({name, colour, style}, i) => make(
          'span', {},
          make('i', {class: 'key ' + style, style: {'border-color': colour}}),
          name + ' ', values[i])),
      where);
  const box = make('div', {
    role: 'img',
    'aria-label': `${title} against ${chart.x}. Last values: ` +
        series.map(({name, points}) => `${name} ${text(points.at(-1).y)}`).join(', '),
  });
  const holder = make('div', {class: 'chart'}, legend, box);
  let log = recall(id) === true;
  const redraw = () => drawLines(box, chart, log, show);
  if (chart.log) {
    const button = make('button', {type: 'button', 'aria-pressed': log,
                                   title: 'Logarithmic axis'}, 'log');
    button.addEventListener('click', () => {
      log = !log;
      remember(id, log);
      button.setAttribute('aria-pressed', log);
      redraw();
    });
    holder.append(button);
  }
  show(null);
  watchWidth(box, redraw);
  return figure(id, title, chart.note, holder);
}

// Calls `redraw` when `box` has got another width, at first too.
function watchWidth(box, redraw) {
  let width = -1;
  new ResizeObserver(() => {
    if (box.clientWidth === width || box.clientWidth === 0) return;
    width = box.clientWidth;
    // Not in here: what is drawn changes the height of what is observed.
    requestAnimationFrame(redraw);
  }).observe(box);
}
