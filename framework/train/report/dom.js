// Elements, numbers, and what a page remembers while it loads itself again.

// Sets attributes ("style" takes an object; null leaves one out) and appends
// children, which are nodes or texts. Nothing is ever parsed as HTML.
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'style') {
      for (const [key, style] of Object.entries(value)) {
        element.style.setProperty(key, style);
      }
    } else if (value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag),
              attributes, children);
}

function isNumber(x) {
  return typeof x === 'number' && isFinite(x);
}

// 12345 as "12,345", 0.012345 as "0.01235", 1e-7 as "1.0e-7".
function format(x) {
  if (!isNumber(x)) return '–';
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e9) return x.toLocaleString('en-US');
  if (size >= 1e7 || size < 1e-4) return x.toExponential(2);
  if (size >= 1e4) return Math.round(x).toLocaleString('en-US');
  return x.toPrecision(4);
}

function percent(x, digits = 2) {
  return isNumber(x) ? (100 * x).toFixed(digits) + '\u00a0%' : '–';
}

// In the unit that fits: "1.23 s", "4.56 ms", "0.078 µs".
function duration(seconds) {
  if (!isNumber(seconds)) return '–';
  if (seconds < 0.9995e-3) {
    return parseFloat((1e6 * seconds).toPrecision(3)) + ' µs';
  }
  if (seconds < 0.9995) return (1e3 * seconds).toPrecision(3) + ' ms';
  if (seconds < 99.95) return seconds.toPrecision(3) + ' s';
  const s = Math.round(seconds);
  const parts = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  return parts[0] > 0 ? `${parts[0]} h ${parts[1]} min` :
                        `${parts[1]} min ${parts[2]} s`;
}

// How values of this name are shown: accuracies are parts of a whole.
function formatOf(name) {
  return /accuracy/.test(name) ? percent : format;
}

// The unit of a metric, behind what separates it from the value: "" if none.
function unitOf(units, name, separator) {
  return Object.hasOwn(units, name) ? separator + text(units[name]) : '';
}

// "learning_rate" as "Learning rate", an abbreviation such as "kl" as "KL".
function words(name) {
  const text = name.replace(/_/g, ' ');
  return text.length < 4 ? text.toUpperCase() :
                           text.charAt(0).toUpperCase() + text.slice(1);
}

// A name that may be of any length, for a place that is small.
function short(name, most) {
  const letters = [...name];
  return letters.length <= most ? name :
                                  letters.slice(0, most - 1).join('') + '…';
}

// Any name as an id.
function slug(name) {
  return name.replace(/[^A-Za-z0-9-]+/g, '_');
}

let figures = 0;

// A numbered figure. The title is its name for those who do not see it, too.
function figure(id, title, note, ...content) {
  return make(
      'figure', {id, 'aria-label': title}, ...content,
      make('figcaption', {}, make('b', {}, `Figure ${++figures}. ${title}.`),
           note ? ' ' + note : ''));
}

function section(title, ...content) {
  return make('section', {'aria-label': title}, make('h2', {}, title),
              ...content);
}

// Cells that are texts or nodes; the first of a row is its head.
function table(head, rows, attributes, foot = []) {
  const row = (cells) => make(
      'tr', {},
      ...cells.map((cell, i) => cell instanceof HTMLTableCellElement ? cell :
                       i === 0 ? make('th', {scope: 'row'}, cell) :
                                 make('td', {}, cell)));
  return make(
      'table', attributes,
      head.length === 0 ? null :
          make('thead', {}, make('tr', {}, ...head.map((cell, i) =>
            cell instanceof HTMLTableCellElement ? cell :
                make('th', {scope: 'col', class: i === 0 ? 'left' : null}, cell)))),
      make('tbody', {}, ...rows.map(row)),
      foot.length === 0 ? null : make('tfoot', {}, ...foot.map(row)));
}

// What is to be the same after a reload. Where a browser keeps nothing for
// files, nothing is kept.
function remember(key, value) {
  try {
    sessionStorage.setItem(location.pathname + key, JSON.stringify(value));
  } catch (error) {
    // No storage.
  }
}

function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(location.pathname + key));
  } catch (error) {
    return null;
  }
}

// {a: {b: 1}} as [["a.b", 1]].
function flatten(value, name = '') {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return name === '' ? [] : [[name, value]];
  }
  return Object.entries(value).flatMap(
      ([key, inner]) => flatten(inner, name === '' ? key : name + '.' + key));
}

function text(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
