/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * What was found, worst first.
 */

function lockStep(verb, lock) {
  const how = manner(lock);
  return el('li', null, el('span', {class: 'verb'}, verb), el('div', null, el('span', {class: 'lock'}, lock.lock || '(not named)'),
    how && el('span', {class: 'soft small'}, ' ', how),
    lock.at && el('div', {class: 'at mono'}, 'at ', lock.at)));
}

/* Everything else that the task held, if that is more than the link says. */
function heldList(link) {
  const rest = link.held_locks.filter((l) => l.lock !== link.holding.lock);
  if (!rest.length) return null;
  return fold('Also held: ' + many(rest.length, 'lock'), el('ul', {class: 'steps'},
    rest.map((l) => lockStep('', l))), rest.length <= 3);
}

function linkCard(finding, link, i, nr) {
  const what = finding.kind;
  const single = nr === 1;
  const inside = link.inside.length ? el('p', {class: 'meta'}, 'Inside of ', mono(link.inside.join(', '))) : null;
  const first = link.holding.lock && (what !== 'bad-unlock' || finding.report) ? lockStep(link.completion ? 'completes' : 'holds', link.holding) : null;
  const verb = what === 'bad-unlock' ? 'releases' : what === 'held-at-exit' ? 'ends with' :
    link.type === 'completion' ? 'waits for' : 'takes';
  const second = link.lock && link.lock !== (single && what === 'held-at-exit' ? link.holding.lock : null) ? lockStep(verb, link) : null;
  return el('li', {class: 'link'},
    el('h3', null, nr > 1 ? (i + 1) + '. ' : '', task(link.task)),
    el('ul', {class: 'steps'}, first, second),
    inside, heldList(link),
    foldedStack(link.stack, task(link.task), nr <= 3),
    !finding.report && link.time_ns !== '0' && since(link.time_ns, link.source) ?
      el('p', {class: 'meta'}, since(link.time_ns, link.source), ', CPU ', link.cpu) : null);
}

/* What the kernel printed, in its own words. */
function kernelReport(r) {
  const lines = [];
  for (const p of r.parts) {
    let text = p.text || '';
    if (p.role === 'chain') text = '-> #' + p.nr + ' (' + text + ')' + (p.usage || '') + ':';
    else if (p.role === 'held') text = ' #' + p.nr + ':  (' + text + ')' + (p.usage || '');
    else if (p.role !== 'note' && p.role !== 'title' && p.role !== 'backtrace') text = ' (' + text + ')' + (p.usage || '');
    if (p.at) text += ', at: ' + p.at;
    lines.push(text);
    for (const f of p.frames) lines.push('       ' + f);
  }
  return el('pre', {tabindex: '0', 'aria-label': 'What the kernel reported'}, lines.join('\n'));
}

function findingCard(f, i) {
  const words = D.words[i];
  const links = f.cycle;
  const meta = ['Confidence ' + f.confidence + ' %', f.count === '1' ? 'seen once' : 'seen ' + number(f.count) + ' times',
    f.report ? f.report.kernel && 'Linux ' + f.report.kernel : since(f.first_seen_ns, links.length ? links[0].source : 0), 'id ' + f.id];
  const title = words.title || f.kind;
  return el('article', {class: 'panel finding f-' + f.severity, id: f.id, tabindex: '-1', 'aria-labelledby': f.id + '-t'},
    el('header', null, badge(f.severity), el('h3', {id: f.id + '-t'}, title),
      f.report && el('span', {class: 'soft small'}, 'reported by ', f.report.origin)),
    D.findings.length > 1 ? el('p', null, words.summary) : null,   /* of one alone the head of the page has it */
    f.report && f.report.partial ? el('p', {class: 'note'}, 'The kernel\u2019s report is not complete: ', f.report.missing.join(', ')) : null,
    el('ol', {class: 'links'}, links.map((l, k) => linkCard(f, l, k, links.length))),
    el('div', {class: 'cols'},
      el('div', null, el('h4', null, 'Why ', f.severity), el('ul', {class: 'why'}, f.why.map((w) => el('li', null, w)))),
      f.inside.length ? el('div', null, el('h4', null, 'Functions on watch'), el('p', {class: 'mono'}, f.inside.join(', '))) : null),
    f.report && f.report.parts.length ? fold('The kernel\u2019s own report', kernelReport(f.report)) : null,
    el('p', {class: 'meta'}, meta.filter(Boolean).join(' \u00b7 ')),
    links.some((l) => l.lock) ? el('button', {type: 'button', class: 'plain', onclick: () => graphShowFinding(i)}, 'Show it in the graph') : null);
}

function findingText(f, i) {
  if (!f.searchText) {
    f.searchText = [f.id, f.kind, f.severity, D.words[i].title, f.inside.join(' '), f.report ? f.report.title : '',
      f.cycle.map((l) => [l.lock, l.at, l.holding.lock, l.holding.at, task(l.task), l.held.join(' '), frames(l.stack).join(' ')].join(' ')).join(' ')]
      .join(' ').toLowerCase();
  }
  return f.searchText;
}

function orderTraced() {
  return D.edges.length || D.classes.length ||
    D.coverage.some((c) => c.tier !== 'contention' && c.tier !== 'watch' && (c.state === 'full' || c.state === 'partial'));
}
function noFindings() {
  if (!D.sections.includes('findings')) return 'Findings were not asked for (--view).';
  if (!orderTraced()) return 'The order of locks was not traced, so nothing can be said about deadlocks.';
  return 'No two orders of locks that were seen can deadlock.' +
    (D.complete ? '' : ' But something was lost, so that an order may be missing: see below.');
}
/* Worst first, for those who have more than a screen of them. */
function findingIndex() {
  if (D.findings.length < 3) return null;
  const ol = el('ol', {class: 'index panel', 'aria-label': 'All findings, worst first'});
  chunked(ol, D.findings, (f, i) => el('li', null, badge(f.severity), el('a', {href: '#' + f.id, onclick: () => showFinding(i)}, D.words[i].title),
    el('span', {class: 'soft'}, [...new Set(f.cycle.map((l) => l.lock || l.holding.lock))].filter(Boolean).slice(0, 4).join(', '))), 10);
  return ol;
}
let showFinding = () => {};

function withheld() {
  const w = D.withheld;
  const list = [];
  if (w.guarded !== '0') list.push(number(w.guarded) + ' because a common lock was always held');
  if (w.single_task !== '0') list.push(number(w.single_task) + ' because one task alone made them');
  if (w.weak !== '0') list.push(number(w.weak) + ' because too little is known of their locks');
  return list.length ? 'Not reported: circles of orders, ' + list.join(', ') + '.' : '';
}

function findingsSection() {
  const list = el('div');
  const severity = el('select', {onchange: () => update()},
    el('option', {value: '0'}, 'any'), [1, 2, 3, 4].map((n) => el('option', {value: n}, SEVERITY[n] + (n < 4 ? ' or worse' : ''))));
  const s = section('findings', 'Findings', withheld(), D.findings.length,
    findingIndex(), D.findings.length > 1 ? el('div', {class: 'tools'}, el('label', null, 'Severity', severity)) : null, list);
  let match = matcher('');

  function update() {
    const shown = D.findings.map((f, i) => [f, i])
      .filter(([f, i]) => rank(f) >= Number(severity.value) && match.test(findingText(f, i)));
    list.replaceChildren();
    showCount(s, shown.length);
    if (!D.findings.length) list.append(el('p', {class: 'panel'}, orderTraced() && D.sections.includes('findings') && D.classes.length ? 'None, in ' +
      many(D.edges.length, 'order') + ' of ' + many(D.classes.length, 'lock class', 'lock classes') + '.' : 'None.'));
    else if (!shown.length) list.append(el('p', {class: 'panel soft'}, 'No finding matches.'));
    chunked(list, shown, ([f, i]) => findingCard(f, i), 20);
  }
  /* The card of a finding that a link leads to may not be there yet. */
  showFinding = (i) => {
    if (byId(D.findings[i].id)) return;
    severity.value = '0';
    match = matcher('');
    update();
    if (!byId(D.findings[i].id)) list.prepend(findingCard(D.findings[i], i));
  };
  update();
  return {search: (m) => { match = m; update(); }};
}
