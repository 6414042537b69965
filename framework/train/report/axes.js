// The scales, the axes and the frame of a plot.

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

// 1500 as "1.5k", 2e15 as "2e15"; digits enough to tell ticks `step` apart.
function tickText(x, step) {
  if (x === 0) return '0';
  const digits = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const powers = () =>
      parseFloat(x.toPrecision(3)).toExponential().replace('e+', 'e');
  if (Math.abs(x) >= 1e15) return powers();
  for (const [unit, letter] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (Math.abs(x) < unit) continue;
    return parseFloat((x / unit).toFixed(digits(step / unit))) + letter;
  }
  return step < 1e-4 ? powers() : x.toFixed(digits(step));
}

// Ticks of parts of a whole.
function percentTickText(x, step) {
  return (100 * x).toFixed(
      Math.max(0, Math.ceil(-Math.log10(100 * step) - 1e-9))) + '%';
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

// An empty plot as wide as `box`: {svg, plot, x, y, inner, invert, say}. The
// ticks of x are whole numbers if it is told so. `say` writes in the place of
// the x axis' name, until it is told nothing.
function frame(box, {xRange, yRange, log, xLabel, yLabel = '', yText = tickText,
                     yTicks = 5, whole = false, ratio = 0.56}) {
  const shown = log ? logTicks(...yRange) : ticks(...yRange, yTicks);
  const yStep = shown.length > 1 ? shown[1] - shown[0] : 1;
  const yTexts = shown.map((tick) => yText(tick, log ? tick : yStep));
  const longest = Math.max(...yTexts.map((name) => name.length));
  const width = Math.max(240, Math.floor(box.clientWidth));
  const height = Math.round(Math.min(Math.max(width * ratio, 190), 520));
  const left = Math.max(34, 12 + 6.6 * longest), right = 16;
  const top = yLabel ? 24 : 10, bottom = 34;
  const inner = {width: width - left - right, height: height - top - bottom};
  const f = log ? Math.log10 : (y) => y;
  const [x0, x1] = xRange, y0 = f(yRange[0]), y1 = f(yRange[1]);
  const x = (v) => (v - x0) / (x1 - x0) * inner.width;
  const y = (v) => inner.height - (f(v) - y0) / (y1 - y0) * inner.height;
  const svg = draw('svg', {width, height, viewBox: `0 0 ${width} ${height}`});
  const axes = draw('g', {transform: `translate(${left},${top})`});
  shown.forEach((tick, i) => {
    const at = Math.round(y(tick)) + 0.5;
    axes.append(
        draw('line', {class: 'grid', x1: 0, x2: inner.width, y1: at, y2: at}),
        draw('text', {x: -7, y: at + 3.5, 'text-anchor': 'end'}, yTexts[i]));
  });
  const xTicks = ticks(x0, x1, Math.max(3, Math.floor(inner.width / 75)))
      .filter((tick) => !whole || Number.isInteger(tick));
  const xStep = whole ? Math.max(1, x1 / 100) : xTicks[1] - xTicks[0];
  for (const tick of xTicks) {
    const at = Math.round(x(tick)) + 0.5;
    axes.append(
        draw('line', {class: 'axis', x1: at, x2: at, y1: inner.height,
                      y2: inner.height + 4}),
        draw('text', {x: at, y: inner.height + 16, 'text-anchor': 'middle'},
             tickText(tick, xStep)));
  }
  const label = draw('text', {x: inner.width, y: inner.height + 30,
                              'text-anchor': 'end'}, xLabel);
  axes.append(
      draw('line', {class: 'axis', x1: 0, x2: inner.width,
                    y1: inner.height + 0.5, y2: inner.height + 0.5}),
      label, draw('text', {x: -7, y: -10, 'text-anchor': 'start'}, yLabel));
  const plot = draw('svg', {class: 'plot', x: left, y: top, ...inner},
                    draw('rect', {...inner, 'fill-opacity': 0}));
  svg.append(axes, plot);
  const say = (words) => {
    label.textContent = words || xLabel;
    label.setAttribute('class', words ? 'said' : '');
  };
  return {svg, plot, x, y, inner, say,
          invert: (at) => x0 + at / inner.width * (x1 - x0)};
}

// Where in `plot` the pointer is. What is drawn may reach beyond the plot; its
// first child does not.
function placeIn(plot, event) {
  const {left, top} = plot.firstChild.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

// Draws a chart now and whenever `box` has got another width.
function keepDrawn(box, redraw) {
  let width = 0;
  const drawIfWider = () => {
    if (box.clientWidth === width || box.clientWidth === 0) return;
    width = box.clientWidth;
    redraw();
  };
  undrawn.push(drawIfWider);
  // Not in there: what is drawn changes the height of what is observed.
  new ResizeObserver(() => requestAnimationFrame(drawIfWider)).observe(box);
}

// What `keepDrawn` is to draw as soon as the page has got its boxes.
const undrawn = [];
