// Several runs over each other.

function colourOf(i) {
  return `var(--c${i % 8})`;
}

// Lines of more than eight runs have the colours again, but dashed.
function styleOf(i) {
  return i % 16 < 8 ? '' : 'dash';
}

// Of each value one chart of its test's curves, or where it has none of its
// epochs', or of its steps'.
function comparisonFigures(runs) {
  const curves = runs.flatMap((run) => run.curves);
  const names = [...new Set(curves.map((curve) => curve.name))];
  const xEnd = Math.max(1, ...curves.map((curve) => curve.step.at(-1)));
  return names.sort(byImportance).flatMap((name) => {
    const splits = ['test', 'train_epoch', 'train'].filter((split) => runs.some(
        (run) => run.curves.some((c) => c.name === name && c.split === split)));
    const shown = name === 'loss' ? splits.slice(0, 2) : splits.slice(0, 1);
    return shown.map((split) => {
      const isSmoothed = split === 'train' && name !== 'learning_rate';
      const series = runs.flatMap((run, i) => {
        const curve = run.curves.find(
            (c) => c.name === name && c.split === split);
        if (!curve) return [];
        const points = pointsOf(curve);
        return [{name: run.name, colour: colourOf(i), style: styleOf(i),
                 points: isSmoothed && points.length > 50 ? smooth(points) : points}];
      });
      return lineChart({
        id: slug(`curve-${name}-${split}`),
        title: words(name) + {test: ', test', train_epoch: ', training',
                              train: ', steps'}[split],
        note: isSmoothed ? smoothingNote : '',
        xLabel: 'step',
        series,
        format: formatOf(name),
        log: isSteep(name, series),
        xEnd,
      });
    });
  });
}

// The last value of the test's curve `name`, and that of the best epoch; of a
// run without a summary the best value.
function lastAndBest({curves, summary}, name) {
  const curve = curves.find((c) => c.name === name && c.split === 'test');
  if (!curve) return [null, null];
  const best = summary ? summary['best_test_' + name] :
      name === 'accuracy' ? Math.max(...curve.value) : Math.min(...curve.value);
  return [curve.value.at(-1), best];
}

function resultsTable(runs) {
  const names = ['loss', 'accuracy'].filter((name) => runs.some(
      (run) => run.curves.some((c) => c.name === name && c.split === 'test')));
  const rows = runs.map((run, i) => {
    const summary = run.summary || {};
    const epochs = Math.max(0, ...run.curves.flatMap((c) => c.epoch.slice(-1)));
    return [
      make('th', {scope: 'row'},
           make('i', {class: 'key ' + styleOf(i),
                      style: {'border-color': colourOf(i)}}), breakable(run.name)),
      run.summary ? text(summary.exit_reason || 'finished') : 'unfinished',
      format(summary.epochs || epochs),
      ...names.flatMap((name) => lastAndBest(run, name).map(
          (value) => make('td', {}, formatOf(name)(value)))),
      duration(summary.wall_seconds || run.seconds),
    ];
  });
  const head = names.flatMap((name) => ['test ' + name, 'best']);
  return figure(
      'results', 'Results', 'Of the test set, after the last epoch and the best.',
      make('div', {class: 'scroll names', tabindex: 0},
           table(['run', 'state', 'epochs', ...head, 'wall time'], rows, {})));
}

// What each run has of its own whatever it does.
const ownSettings = ['started', 'flags.run_dir', 'flags.resume', 'flags.quiet'];

// The settings that are not the same in all runs.
function differencesTable(runs) {
  const settings = runs.map((run) => new Map(
      flatten(run.config || {}).filter(([name]) => !ownSettings.includes(name))
          .map(([name, value]) => [name, text(value)])));
  const names = [...new Set(settings.flatMap((map) => [...map.keys()]))].filter(
      (name) => new Set(settings.map((map) => map.get(name))).size > 1);
  if (names.length === 0) return null;
  const rows = names.map((name) => [
    make('th', {scope: 'row'}, breakable(name)),
    ...settings.map((map) => make('td', {class: 'value'},
                                  map.has(name) ? map.get(name) : '–')),
  ]);
  return figure(
      'differences', 'Settings in which the runs differ', '',
      make('div', {class: 'scroll names', tabindex: 0},
           table(['setting', ...runs.map((run, i) => make(
               'th', {scope: 'col', class: 'left'},
               make('i', {class: 'key ' + styleOf(i),
                          style: {'border-color': colourOf(i)}}),
               run.name))], rows, {})));
}

function comparisonPage({runs}) {
  const wide = (element) => {
    if (element) element.classList.add('wide');
    return element;
  };
  const unfinished = runs.filter((run) => !run.summary).length;
  return [
    make('h1', {}, 'Comparison of runs'),
    make('p', {class: 'status'}, `${runs.length} runs` +
         (unfinished ? `, ${unfinished} unfinished` : '')),
    section('Results', wide(resultsTable(runs)), wide(differencesTable(runs))),
    section('Curves', make('div', {class: 'figures'},
                           ...comparisonFigures(runs))),
  ];
}
