/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The answer at the top, how far it can be trusted, and putting it all together.
 */

function coverageTable() {
  const rows = D.coverage.map((c) => el('tr', null, el('td', null, c.tier), el('th', {scope: 'row'}, c.primitive), el('td', null, badge(c.state)),
    el('td', null, [c.reason, c.remedy].filter(Boolean).join('; ')), D.sources.length > 1 ? el('td', {class: 'wide'}, (D.sources[c.source] || {}).host) : null));
  return el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Coverage'}, el('table', null, el('caption', {class: 'hidden'}, 'Coverage'),
    el('thead', null, el('tr', null, ['Tier', 'Primitive', 'Seen', 'Why', D.sources.length > 1 && 'Host'].filter(Boolean).map((h) => el('th', {scope: 'col', class: h === 'Host' ? 'wide' : null}, h)))),
    el('tbody', null, rows)));
}
function counters(list) {
  return el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Counters'}, el('table', null,
    el('thead', null, el('tr', null, el('th', {scope: 'col'}, 'Counter'), el('th', {scope: 'col', class: 'r'}, 'Count'), el('th', {scope: 'col'}, 'What it means, what to do'))),
    el('tbody', null, list.map((c) => el('tr', null, el('th', {scope: 'row', class: 'mono'}, c.counter), el('td', {class: 'r'}, number(c.count)),
      el('td', null, c.meaning, c.advice ? el('div', {class: 'soft'}, 'Advice: ', c.advice) : null))))));
}
function trustSection() {
  const s = section('trust', 'How complete this is', '', null);
  const states = ['full', 'partial', 'none', 'unknown'].map((k) => [k, D.coverage.filter((c) => c.state === k).length]).filter((x) => x[1]);
  s.node.append(el('p', null, badge(D.complete ? 'complete' : 'incomplete'), ' ', D.complete ? 'Nothing that was to be seen was lost.' :
    'Something was lost, so that findings, orders or waits may be missing.'));
  if (D.gaps.length) s.node.append(el('ul', {class: 'why'}, D.gaps.map((g) => el('li', null, g))));
  if (D.loss.length) s.node.append(el('h3', null, 'Lost'), counters(D.loss));
  if (D.notes.length) s.node.append(fold('Worth knowing: nothing is lost by it (' + D.notes.length + ')', counters(D.notes)));
  s.node.append(D.coverage.length ? fold('Coverage: ' + states.map(([k, n]) => n + ' ' + k).join(', '), coverageTable()) :
    el('p', {class: 'soft'}, 'What could be seen at all is not known: the input does not say.'));
}

/* --- the head ----------------------------------------------------------------------------- */

function verdict() {
  const nr = D.findings.length;
  if (!nr) return 'No finding';
  const by = [4, 3, 2, 1].map((n) => [n, D.findings.filter((f) => rank(f) === n).length]).filter((x) => x[1]);
  if (nr === 1) return '1 finding: ' + D.words[0].title + ', ' + D.findings[0].severity;
  return many(nr, 'finding') + ': ' + by.map(([n, k]) => number(k) + ' ' + SEVERITY[n]).join(', ');
}
function sourceLine(s) {
  const words = [s.host || s.tool, s.kernel && 'Linux ' + s.kernel, s.arch, s.cpus && many(s.cpus, 'CPU'), s.filter && 'only ' + s.filter].filter(Boolean).join(', ');
  const span = Number(s.end_ns) - Number(s.start_ns);
  const when = Number(s.start_real_ns) ? ', ' + new Date(Number(s.start_real_ns) / 1e6).toISOString().slice(0, 19).replace('T', ' ') + ' UTC' : '';
  return words + (span > 0 ? ': ' + time(span) + (s.ended ? '' : ' or more') : '') + when;
}
function tile(value, text, cls) { return el('div', {class: 'tile ' + (cls || '')}, el('b', null, value), el('span', null, text)); }
function tiles() {
  const t = D.contention_total;
  const worst = Math.max(0, ...D.findings.map(rank));
  const list = [tile(number(D.findings.length), D.findings.length === 1 ? 'finding' : 'findings', worst >= 3 ? 'bad' : worst ? 'warn' : '')];
  if (D.classes.length) list.push(tile(number(D.edges.length), 'orders of ' + many(D.classes.length, 'lock class', 'lock classes')));
  if (t.count !== '0') list.push(tile(time(t.total_ns), 'lost in ' + many(t.count, 'wait')));
  if (D.holds.length) list.push(tile(time(D.holds_total.total_ns), 'held in ' + many(D.holds_total.count, 'hold')));
  if (D.still_waiting.length) list.push(tile(number(D.still_waiting.length), 'still waiting at the end', 'warn'));
  list.push(tile(D.complete ? 'complete' : 'INCOMPLETE', D.complete ? 'nothing was lost' :
    many(D.loss.length + D.gaps.length, 'reason') + ', see below', D.complete ? 'good' : 'warn'));
  return el('div', {class: 'tiles'}, list);
}
function themeButton() {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let own = null;
  const button = el('button', {type: 'button', id: 'theme'});
  const set = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === 'dark' ? 'Light colours' : 'Dark colours';
  };
  try { own = localStorage.getItem('lockscope-theme'); } catch (e) { own = null; }
  set(own === 'dark' || own === 'light' ? own : dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => { if (!own) set(dark.matches ? 'dark' : 'light'); });
  button.addEventListener('click', () => {
    own = root.dataset.theme === 'dark' ? 'light' : 'dark';
    set(own);
    try { localStorage.setItem('lockscope-theme', own); } catch (e) { /* a page from a file may have no storage */ }
  });
  return button;
}
function head() {
  fill(byId('head'), {}, [el('div', {class: 'brand'}, el('span', null, el('b', null, 'lockscope'), ' report'), themeButton()),
    el('h1', null, verdict()), el('p', {class: 'lead'}, D.words.length ? D.words[0].summary : noFindings()),
    D.sources.length > 3 ? fold(many(D.sources.length, 'trace'), el('ul', null, D.sources.map((s) => el('li', null, sourceLine(s))))) :
      D.sources.map((s) => el('p', {class: 'soft small'}, sourceLine(s))), tiles()]);
}
function foot() {
  byId('foot').append(el('p', null, 'Made by ', D.tool && D.tool.startsWith('lockscope') ? D.tool : 'lockscope', '. This page is one file, loads nothing and sends nothing. ',
    D.sources.map((s) => s.cmdline).filter(Boolean).length ? ['From: ', mono(D.sources.map((s) => s.cmdline).filter(Boolean).join('; '))] : null),
    el('p', null, 'Keys: / searches, Tab and Shift+Tab go from control to control, Enter opens.'));
}

/* --- together ----------------------------------------------------------------------------- */

function nav(searches) {
  const input = el('input', {type: 'search', id: 'search', placeholder: 'Search locks, functions, tasks  ( / )', 'aria-label': 'Search locks, functions and tasks', autocomplete: 'off', spellcheck: 'false'});
  let timer = 0;
  const run = () => {
    clearTimeout(timer);
    const m = matcher(input.value);
    searches.forEach((s) => s.search(m));
    say(m.any ? sections.filter((s) => s.total).map((s) => s.title + s.badge.textContent).join(', ') : '');
  };
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(run, 120); });
  input.addEventListener('keydown', (ev) => {
    if (ev.key === 'Enter') run();
    if (ev.key === 'Escape') { input.value = ''; run(); }
  });
  document.addEventListener('keydown', (ev) => {
    const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(ev.target.tagName);
    if (ev.key === '/' && !inField && !ev.ctrlKey && !ev.metaKey && !ev.altKey) { ev.preventDefault(); input.focus(); input.select(); }
  });
  byId('nav').append(el('ul', null, sections.map((s) => el('li', null, el('a', {href: '#' + s.id}, s.title, s.badge))),
    el('li', null, el('a', {href: '#text'}, 'Text'))), el('div', {class: 'search'}, input));
  byId('nav').hidden = false;
}
function copyButton() {
  const button = byId('copy');
  button.hidden = false;
  button.addEventListener('click', () => {
    const pre = document.querySelector('#text pre');
    const done = (ok) => { button.textContent = ok ? 'Copied' : 'Select the text and copy it'; say(button.textContent); };
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(() => done(true), () => done(document.execCommand('copy')));
    else done(document.execCommand('copy'));
  });
}

function start() {
  head();
  const searches = [findingsSection(), graphSection(), contentionSection(), waitingSection(), holdsSection()];
  watchSection();
  trustSection();
  foot();
  nav(searches);
  copyButton();
  document.querySelector('#text details').open = false;
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
  document.documentElement.dataset.ready = '1';
}
start();
