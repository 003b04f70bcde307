/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * Waits: the table, its histograms, who still waits; the same table of holds. And watched functions.
 */

function caller(r) { return r.caller ? r.caller + (r.caller_module ? ' [' + r.caller_module + ']' : '') : ''; }
function ns(v) { return v === null || v === undefined ? -1 : Number(v); }

/* How long the waits of a row were: a bar from the shortest to the longest, logarithmic. */
function spark(r, lo, hi) {
  const x = (v) => hi > lo ? 100 * (Math.log(Math.max(1, Number(v))) - lo) / (hi - lo) : 50;
  if (r.min_ns === null || r.max_ns === null) return el('span', {class: 'soft'}, '-');
  const words = 'shortest ' + time(r.min_ns) + (r.p50_ns ? ', half below ' + time(r.p50_ns) + ', 99 % below ' + time(r.p99_ns) : '') + ', longest ' + time(r.max_ns);
  const wide = (a, b) => Math.max(1.5, x(b) - x(a));
  return svg('svg', {class: 'spark', viewBox: '0 0 100 16', preserveAspectRatio: 'none', role: 'img', 'aria-label': words},
    svg('title', null, words), svg('line', {x1: 0, x2: 100, y1: 8, y2: 8}),
    svg('rect', {class: 'range', x: x(r.min_ns), y: 5, width: wide(r.min_ns, r.max_ns), height: 6, rx: 1}),
    r.p50_ns && svg('rect', {class: 'mid', x: x(r.p50_ns), y: 2, width: wide(r.p50_ns, r.p99_ns), height: 12, rx: 1}));
}

/* Waits by duration, two bars to each doubling at most. */
function histogram(pairs) {
  const bars = new Map();
  for (const [from, n] of pairs) {
    const step = Math.floor(2 * Math.log2(Math.max(1, Number(from))));
    bars.set(step, (bars.get(step) || 0) + Number(n));
  }
  const first = Math.min(...bars.keys());
  const last = Math.max(...bars.keys());
  const top = Math.max(...bars.values());
  const nr = last - first + 1;
  const w = 720 / nr;
  const rects = [...bars].map(([step, n]) => svg('rect', {x: (step - first) * w + 1, width: Math.max(1, w - 2), y: 118 - 104 * n / top, height: Math.max(1, 104 * n / top)},
    svg('title', null, number(n) + ' waits from ' + time(Math.round(2 ** (step / 2))))));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((t) => el('span', null, time(Math.round(2 ** ((first + t * nr) / 2)))));
  return [svg('svg', {class: 'hist', viewBox: '0 0 720 120', preserveAspectRatio: 'none', role: 'img', 'aria-label': 'Histogram of ' + number(pairs.reduce((s, p) => s + Number(p[1]), 0)) + ' waits by duration'},
    svg('line', {x1: 0, x2: 720, y1: 118.5, y2: 118.5}), rects), el('div', {class: 'ticks', 'aria-hidden': 'true'}, ticks)];
}

const COLUMNS = [
  {key: 'lock', name: 'Lock', text: (r) => r.lock || '(several)', head: true},
  {key: 'type', name: 'Type', text: (r) => r.type || '', wide: true},
  {key: 'caller', name: 'Caller', text: (r) => caller(r), wide: true},
  {key: 'count', name: 'Waits', value: (r) => ns(r.count), text: (r) => number(r.count)},
  {key: 'total', name: 'Total', value: (r) => ns(r.total_ns), text: (r) => time(r.total_ns)},
  {key: 'avg', name: 'Average', value: (r) => ns(r.avg_ns), text: (r) => time(r.avg_ns), wide: true},
  {key: 'p50', name: 'P50', value: (r) => ns(r.p50_ns), text: (r) => time(r.p50_ns), wide: true},
  {key: 'p99', name: 'P99', value: (r) => ns(r.p99_ns), text: (r) => time(r.p99_ns), wide: true},
  {key: 'max', name: 'Longest', value: (r) => ns(r.max_ns), text: (r) => time(r.max_ns), wide: true},
];

/* @k: WAITS or HOLDS. */
function rowDetail(r, k) {
  const o = r[k.by];
  return el('div', {class: 'cols'},
    facts(['Lock', mono(r.lock || '-')], ['Type', r.type], [k.caller, mono(caller(r) || '-')], ['Named by', r.named_by], ['Slab cache', r.cache], ['Address', r.addr && mono(r.addr)],
      ['Instances', r.instances && number(r.instances)], [k.task, r.comm && r.comm + (r.tid || r.pid ? '/' + (r.tid || r.pid) : '')], ['Cgroup', r.cgroup],
      [k.many, number(r.count)], ['Total', time(r.total_ns)], ['Average', time(r.avg_ns)], ['Shortest', time(r.min_ns)], ['P50', time(r.p50_ns)], ['P95', time(r.p95_ns)],
      ['P99', time(r.p99_ns)], ['Longest', time(r.max_ns)], [k.held, o ? task(o) + (o.reader ? ' (reader)' : '') + ', ' + time(o.total_ns) + ' of it' : 'not known']),
    el('div', null, el('h4', null, 'Stack with the most ' + k.one + ' time'), stackList(r.stack)));
}

const WAITS = {one: 'wait', many: 'Waits', by: 'owner', caller: 'Caller', task: 'Waiter', held: 'Held by', columns: COLUMNS};
const HOLDS = {one: 'hold', many: 'Holds', by: 'holder', caller: 'Released in', task: 'Holder', held: 'Held longest by',
  columns: COLUMNS.map((c) => ({...c, name: {count: 'Holds', caller: 'Released in'}[c.key] || c.name}))};

function rowTable(s, rows, k) {
  const known = rows.filter((r) => r.min_ns !== null && r.max_ns !== null);
  const lo = Math.log(Math.max(1, Math.min(...known.map((r) => Number(r.min_ns)))));
  const hi = Math.log(Math.max(1, Math.max(...known.map((r) => Number(r.max_ns)))));
  const columns = k.columns;
  let sort = {column: columns[4], down: true};
  let match = matcher('');
  const body = el('tbody');
  const heads = columns.map((c) => el('th', {scope: 'col', class: (c.value ? 'r ' : '') + (c.wide ? 'wide' : '')},
    el('button', {type: 'button', onclick: () => {
      sort = {column: c, down: sort.column === c ? !sort.down : Boolean(c.value)};
      update();
      say('Sorted by ' + c.name + (sort.down ? ', descending' : ', ascending'));
    }}, c.name, el('span', {'aria-hidden': 'true'}))));
  const search = (r) => [r.lock, r.type, caller(r), r.comm, r.cgroup, r[k.by] ? task(r[k.by]) : '', frames(r.stack).join(' ')].join(' ').toLowerCase();
  rows.forEach((r) => { r.search = search(r); });

  function row(r) {
    const more = el('tr', {class: 'more', hidden: true});
    const toggle = el('button', {type: 'button', class: 'plain mono', 'aria-expanded': 'false', onclick: () => {
      if (more.hidden && !more.firstChild) more.append(el('td', {colspan: columns.length + 1}, rowDetail(r, k)));
      more.hidden = !more.hidden;
      toggle.setAttribute('aria-expanded', String(!more.hidden));
      line.classList.toggle('open', !more.hidden);
    }}, r.lock || '(several)');
    const line = el('tr', null, columns.map((c) => c.head ? el('th', {scope: 'row'}, toggle) :
      el('td', {class: (c.value ? 'r ' : '') + (c.wide ? 'wide ' : '') + (c.key === 'caller' ? 'mono' : '')}, c.text(r))), el('td', null, spark(r, lo, hi)));
    return [line, more];
  }
  function update() {
    const c = sort.column;
    const by = c.value ? (a, b) => c.value(a) - c.value(b) : (a, b) => c.text(a).localeCompare(c.text(b), 'en');
    const shown = rows.filter((r) => match.test(r.search)).sort((a, b) => (sort.down ? by(b, a) : by(a, b)));
    heads.forEach((h, i) => {
      const on = columns[i] === c;
      h.setAttribute('aria-sort', on ? (sort.down ? 'descending' : 'ascending') : 'none');
      h.querySelector('span').textContent = on ? (sort.down ? ' \u25be' : ' \u25b4') : '';
    });
    body.replaceChildren();
    chunked(body, shown, row, 100);
    showCount(s, shown.length);
  }
  update();
  s.node.append(el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of ' + k.one + 's'}, el('table', null,
    el('caption', {class: 'hidden'}, k.many + ' by lock; the buttons in the head sort'), el('thead', null, el('tr', null, heads, el('th', {scope: 'col'}, 'Spread'))), body)));
  return {search: (m) => { match = m; update(); }};
}

function contentionSection() {
  const t = D.contention_total;
  const rows = D.contention;
  const text = rows.length ? many(t.count, 'wait') + ', ' + time(t.total_ns) + ' in all; grouped by ' + D.grouped_by.join(', ') + '. Choose a lock for its stack.' : '';
  const s = section('contention', 'Contention', text, rows.length);
  if (!rows.length) {
    const could = D.coverage.some((c) => c.tier === 'contention' && c.state !== 'none');
    s.node.append(el('p', {class: 'panel'}, !D.sections.includes('contention') ? 'Waits were not asked for (--view).' :
      could ? 'No task waited for a lock.' : 'Waits were not traced.'));
    showCount(s, 0);
    return {search: () => {}};
  }
  if (D.hist.length) s.node.append(el('div', {class: 'panel'}, el('h3', null, 'How long the waits were'), histogram(D.hist)));
  const table = rowTable(s, rows, WAITS);
  s.node.lastChild.before(el('p', {class: 'small soft'}, 'The spread goes from the shortest to the longest wait, dark from P50 to P99, on a logarithmic scale that all rows share.'));
  return table;
}

function holdsSection() {
  if (!D.holds.length) return {search: () => {}};
  const t = D.holds_total;
  const s = section('holds', 'Hold times', many(t.count, 'hold') + ', ' + time(t.total_ns) + ' in all: how long locks were held, also while nobody waited. Choose a lock for the stack that released it.', D.holds.length);
  const table = rowTable(s, D.holds, HOLDS);
  s.node.lastChild.before(el('p', {class: 'small soft'}, 'Holds of less than 10 us share the stack of one of them of the same place.'));
  return table;
}

function waitingSection() {
  if (!D.still_waiting.length) return {search: () => {}};
  const s = section('waiting', 'Still waiting', 'Tasks that had not got their lock when the trace ended.', D.still_waiting.length);
  const list = el('ol', {class: 'links'});
  const text = (w) => [task(w.task), w.lock, w.type, caller(w), task(w.owner), frames(w.stack).join(' ')].join(' ').toLowerCase();
  const card = (w) => el('li', {class: 'link panel'}, el('h3', null, task(w.task), ' for ', time(w.waited_ns)),
    el('ul', {class: 'steps'}, lockStep('waits for', {lock: w.lock, type: w.type, mode: null, at: caller(w)}),
      el('li', null, el('span', {class: 'verb'}, 'held by'), el('div', null, w.owner ? task(w.owner) + (w.owner.reader ? ' (reader)' : '') : 'not known'))),
    foldedStack(w.stack, task(w.task)));
  const update = (m) => {
    const shown = D.still_waiting.filter((w) => m.test(text(w)));
    list.replaceChildren();
    chunked(list, shown, card, 30);
    showCount(s, shown.length);
  };
  s.node.append(list);
  update(matcher(''));
  return {search: update};
}

function watchSection() {
  if (!D.watch.length) return;
  const s = section('watch', 'Watched functions', 'Which locks are held on entry, and what is taken inside.', D.watch.length);
  const locks = (l) => l.length ? el('ul', {class: 'steps'}, l.map((x) => lockStep('', x))) : el('p', {class: 'soft small'}, 'none seen');
  showCount(s, D.watch.length);
  s.node.append(el('ul', {class: 'links'}, D.watch.map((w) => el('li', {class: 'link panel'},
    el('h3', {class: 'mono'}, w.function), w.symbol && w.symbol !== w.function ? el('p', {class: 'soft small'}, 'as ', mono(w.symbol)) : null,
    el('p', null, badge(w.state), ' ', w.reason ? w.reason : '', w.calls !== '0' ? ' ' + many(w.calls, 'call') + ', longest ' + time(w.max_ns) : ''),
    w.calls !== '0' ? [el('h4', null, 'Held on entry'), locks(w.held_on_entry), el('h4', null, 'Taken inside'), locks(w.acquired_inside)] : null))));
}
