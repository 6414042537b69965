// How well a model classifies.

function confusionMatrix(confusion, label) {
  const n = confusion.classes, counts = confusion.counts;
  const most = Math.max(1, ...confusion.scores.map((score) => score.examples));
  const worst = Math.max(1, ...confusion.worst.map(([, , count]) => count));
  const names = [...Array(n).keys()].map(label);
  const long = names.some((name) => name.length > 4) ? 'long' : null;
  const head = (name, attributes) =>
      make('th', {title: name, ...attributes}, short(name, 14));
  const cell = (row, col) => {
    const count = counts[row * n + col], right = row === col;
    // Few mistakes are to be seen beside many: shades go by the square root.
    const share = Math.sqrt(count / (right ? most : worst));
    const shade = (right ? 0.45 : 0.75) * share;
    return make('td', {
      class: count === 0 ? 'zero' : null,
      title: `${names[row]} taken for ${names[col]}: ${count}`,
      style: {background: count === 0 ? 'none' :
          `rgba(var(${right ? '--good' : '--bad'}), ${shade.toFixed(3)})`},
    }, String(count));
  };
  const top = names.map((name) => head(name, {scope: 'col', class: long}));
  const body = names.map((name, row) => make(
      'tr', {}, head(name, {scope: 'row'}),
      ...names.map((_, col) => cell(row, col))));
  return make(
      'table', {class: n > 20 ? 'matrix dense' : 'matrix', style: {'--n': n},
                'aria-label': 'Confusion matrix'},
      make('thead', {}, make('tr', {}, make('td'), ...top)), make('tbody', {}, ...body));
}

function confusionFigure(confusion, label) {
  if (!confusion.counts) {
    return figure(
        'confusion', 'Worst confusions', 'The most frequent ones.',
        make('div', {class: 'scroll tall', tabindex: 0}, table(
            ['true class', 'predicted class', 'examples'],
            confusion.worst.map(([truth, guess, count]) => [
              label(truth), label(guess), format(count)]), {})));
  }
  const worst = confusion.worst.slice(0, 6)
      .map(([truth, guess, count]) => `${short(label(truth), 24)}→` +
               `${short(label(guess), 24)} (${count})`)
      .join(', ');
  return figure(
      'confusion', 'Confusion matrix',
      worst === '' ? 'There are no confusions.' : `Most frequent: ${worst}.`,
      make('p', {class: 'axes'}, 'Row: true class. Column: predicted class.'),
      make('div', {class: 'scroll', tabindex: 0}, confusionMatrix(confusion, label)));
}

function scoresFigure(confusion, label) {
  const cells = (name, score) => [
    name, format(score.examples), format(score.predicted),
    ...[score.precision, score.recall, score.f1].map((x) => (100 * x).toFixed(1)),
  ];
  return figure(
      'per-class', 'Scores by class',
      'In per cent. The macro average counts each class alike, the micro ' +
          'average each example.',
      make('div', {class: 'scroll tall', tabindex: 0}, table(
          ['class', 'examples', 'predicted', 'precision', 'recall', 'F1'],
          confusion.scores.map((score, i) => cells(label(i), score)), {},
          [cells('macro average', confusion.macro),
           cells('micro average', confusion.micro)])));
}

// Accuracy against confidence, bin by bin.
function calibrationFigure(classification) {
  const box = make('div', {
    role: 'img',
    'aria-label': 'Accuracy against confidence; expected calibration error ' +
        percent(classification.calibration_error),
  });
  const bins = classification.calibration;
  const all = bins.reduce((sum, [count]) => sum + count, 0);
  const redraw = () => {
    const {svg, plot, x, y, say} = frame(box, {
      xRange: [0, 1], yRange: [0, 1], xLabel: 'confidence', yLabel: 'accuracy',
      yText: percentTickText, ratio: 0.7});
    plot.append(draw('line', {class: 'cursor', x1: x(0), y1: y(0), x2: x(1),
                              y2: y(1)}));
    bins.forEach(([count, right, sum], i) => {
      if (count === 0) return;
      const accuracy = right / count, mean = sum / count;
      plot.append(
          draw('rect', {x: x(i / 10) + 1.5, width: x(0.1) - 3, y: y(accuracy),
                        height: y(0) - y(accuracy),
                        style: {fill: 'rgba(var(--good), .3)'}}),
          draw('line', {x1: x(mean), x2: x(mean), y1: y(mean), y2: y(accuracy),
                        style: {stroke: 'var(--c1)', 'stroke-width': 2}}),
          draw('circle', {cx: x(mean), cy: y(accuracy),
                          r: 2.5 + 5 * Math.sqrt(count / all),
                          style: {fill: 'var(--c0)'}}));
    });
    const move = (event) => {
      const tenth = Math.floor(10 * placeIn(plot, event)[0] / x(1));
      const [count, right, sum] = bins[Math.min(Math.max(tenth, 0), 9)];
      say(count === 0 ? 'no examples' :
          `confidence ${percent(sum / count, 1)}, accuracy ` +
              `${percent(right / count, 1)}, examples ${format(count)}`);
    };
    plot.addEventListener('pointermove', move);
    plot.addEventListener('pointerdown', move);
    plot.addEventListener('pointerleave', () => say(null));
    box.replaceChildren(svg);
  };
  keepDrawn(box, redraw);
  return figure(
      'calibration', 'Calibration',
      'The examples in tenths of the confidence, the probability that the ' +
          'model gives to its answer. A bar is the accuracy in a tenth; its ' +
          'dot is at their mean confidence, and larger for more examples. On ' +
          'the diagonal a model is as often right as it thinks: the mean ' +
          'distance from it, the expected calibration error, is ' +
          `${percent(classification.calibration_error)}.`,
      box);
}

function mistakesFigure(mistakes, label) {
  const items = mistakes.map((mistake) => {
    const [[guess, probability], ...others] = mistake.guesses;
    const named = (i) => short(label(i), 24);
    const chance = (p) => p < 0.0005 ? '< 0.1\u00a0%' : percent(p, 1);
    const name = `Example ${mistake.example}: ${label(mistake.truth)} taken ` +
        `for ${label(guess)}`;
    const rest = others.filter(([, p]) => p >= 0.0005);
    const known = rest.some(([other]) => other === mistake.truth);
    if (!known) rest.push([mistake.truth, mistake.truth_probability]);
    return make(
        'li', {title: name},
        mistake.picture ? make('img', {src: mistake.picture, alt: name}) : null,
        make('div', {class: 'truth'},
             `${named(mistake.truth)} → ${named(guess)}`),
        make('div', {}, `${named(guess)}: ${chance(probability)}`),
        ...rest.map(([other, p]) => make(
            'div', {class: 'other'}, `${named(other)}: ${chance(p)}`)),
        mistake.picture ? null :
            make('div', {class: 'other'}, `example ${mistake.example}`));
  });
  const many = mistakes.length > 1;
  const figure_ = figure(
      'mistakes',
      many ? `The ${mistakes.length} worst mistakes` : 'The worst mistake',
      'True class → predicted class, and the probabilities that the model ' +
          'gave' + (many ? '; the surest mistakes are the worst.' : '.'),
      make('ul', {class: 'mistakes'}, ...items));
  figure_.classList.add('wide');
  return figure_;
}

// The sections of a classification; `label` names a class.
function classificationSections(classification, label) {
  const {confusion, mistakes} = classification;
  // In the order in which they stand on the page, for they are numbered as they
  // are made.
  const left =
      make('div', {class: 'stack'},
           confusion ? confusionFigure(confusion, label) : null,
           calibrationFigure(classification));
  const right = confusion ? scoresFigure(confusion, label) : null;
  return [
    section('Classes', make('div', {class: 'figures'}, left, right)),
    mistakes.length === 0 ? null :
        section('Mistakes', mistakesFigure(mistakes, label)),
  ];
}
