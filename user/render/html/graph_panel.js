/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The section around the graph: its filters, its legend, and what is known of
 * the class or the order that was chosen.
 */

const KINDS = {EN: 'exclusive, then exclusive', SN: 'shared, then exclusive', ER: 'exclusive, then shared (recursive read)',
  SR: 'shared, then shared (recursive read)', completion: 'through a completion'};

function facts(...pairs) {
  const list = pairs.filter((p) => p && p[1] !== null && p[1] !== undefined && p[1] !== '');
  return el('dl', {class: 'facts'}, list.map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
}
function edgeItem(e, n) {
  const other = e.a === n ? e.b : e.a;
  return el('li', null, el('button', {type: 'button', class: 'plain mono', onclick: () => choose(e, true)}, other.name),
    el('span', {class: 'soft num'}, e.severity ? SEVERITY[e.severity] + ' ' : '', number(e.count) + '\u00d7'));
}
function edgeList(title, edges, n) {
  const list = edges.slice().sort((x, y) => y.severity - x.severity || y.count - x.count || x.index - y.index);
  const ul = el('ul', {class: 'list'});
  chunked(ul, list, (e) => edgeItem(e, n), 12);
  return list.length ? [el('h4', null, title + ' (' + number(list.length) + ')'), ul] : [];
}
function findingButtons(list) {
  return list.map((i) => el('p', null, badge(D.findings[i].severity), ' ',
    el('a', {href: '#' + D.findings[i].id, onclick: () => showFinding(i)}, D.words[i].title + ' ' + D.findings[i].id)));
}

function nodeDetail(n) {
  const of = D.findings.map((f, i) => i).filter((i) => D.findings[i].nodes.has(n));
  return [el('h3', null, n.name),
    facts(['Type', n.c.type], ['Named by', n.c.named_by], ['Instances', n.c.instances && number(n.c.instances)],
      ['Taken', n.c.acquired && many(n.c.acquired, 'time')]),
    findingButtons(of),
    el('button', {type: 'button', onclick: () => { view.focus = [n]; setMode('near'); draw(); choose(n); }}, 'Show only its neighbours'),
    edgeList('Taken while it is held', n.out, n), edgeList('Held when it is taken', n.in, n)];
}
function witness(e, x) {
  const l = x.link;
  return [el('h4', null, 'In the finding ', D.findings[x.finding].id, ': ', task(l.task)),
    el('ul', {class: 'steps'}, lockStep('holds', l.holding), lockStep('takes', l)), stackList(l.stack)];
}
function edgeStacks(e) {
  return e.findings.length ? e.findings.slice(0, 5).map((x) => witness(e, x)) :
    [el('h4', null, 'Stack when it was first seen'), stackList(e.d.stack)];
}
function edgeDetail(e) {
  const back = edgeBetween(e.b, e.a);
  const of = [...new Set(e.findings.map((x) => x.finding))];
  return [el('h3', null, e.a.name, ' \u2192 ', e.b.name),
    e.a === e.b ? el('p', null, 'Two instances of this class were held at the same time.') :
      el('p', null, mono(e.b.name), ' was taken while ', mono(e.a.name), ' was held.'),
    findingButtons(of),
    facts(['Seen', e.d.made ? null : many(e.count, 'time')], ['Tasks', e.d.made ? null : e.d.tasks], ['Kinds', e.d.kinds.map((k) => k + ': ' + (KINDS[k] || '')).join('; ')],
      ['First', e.d.made ? null : since(e.d.first_ns, e.d.source)], ['Last', e.d.made || e.d.last_ns === e.d.first_ns ? null : since(e.d.last_ns, e.d.source)]),
    edgeStacks(e),
    back && back !== e ? [el('h3', null, 'And the other way round'), el('p', null, mono(e.a.name), ' was taken while ', mono(e.b.name), ' was held, ',
      many(back.count, 'time'), '.'), edgeStacks(back), el('button', {type: 'button', class: 'plain', onclick: () => choose(back, true)}, 'Choose that order')] : null,
    el('div', {class: 'tools'}, [e.a, e.b].filter((n, i, l) => l.indexOf(n) === i).map((n) =>
      el('button', {type: 'button', onclick: () => choose(n, true)}, n.label)))];
}
function hitList() {
  const hits = G.nodes.filter((n) => view.match.test(n.text));
  const ul = el('ul', {class: 'list'});
  chunked(ul, hits, (n) => el('li', null, el('button', {type: 'button', class: 'plain mono', onclick: () => choose(n, true)}, n.name),
    el('span', {class: 'soft num'}, n.c.type || '')), 15);
  return [el('h3', null, many(hits.length, 'class', 'classes') + (hits.length === 1 ? ' matches' : ' match')), ul];
}
function showDetail(thing) {
  const body = thing ? (thing.a ? edgeDetail(thing) : nodeDetail(thing)) : view.match && view.match.any ? hitList() :
    [el('h3', null, 'Nothing is chosen'), el('p', {class: 'soft'}, 'Choose a class to see its neighbours, or an arrow to see its stacks.'),
      el('p', {class: 'soft small'}, 'Keys, once the graph has the focus: arrows go from class to class, Enter goes to its details, + and - zoom, 0 shows all, Shift with an arrow moves, Escape lets go.')];
  ui.detail.replaceChildren(...body.flat(4).filter(Boolean));
  ui.detail.scrollTop = 0;
}

function marker(name) {
  return svg('marker', {id: 'to-' + name, viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto'},
    svg('path', {d: 'M0 1L10 5L0 9z', class: 'arrow' + (name === 'plain' ? '' : ' ' + name)}));
}
function legendLine(cls, text) {
  return el('li', null, svg('svg', {viewBox: '0 0 36 12', 'aria-hidden': 'true'}, svg('path', {class: 'edge ' + cls, d: 'M0 6H35', 'stroke-width': cls ? 3 : 1.5})), text);
}
function legend() {
  const used = [3, 2, 1].filter((n) => G.edges.some((e) => Math.min(3, e.severity) === n));
  return el('ul', {class: 'legend', 'aria-label': 'Legend'}, legendLine('', 'A \u2192 B: B was taken while A was held; the wider, the more often'),
    used.map((n) => legendLine('s' + n, n === 3 ? 'in a finding, certain' : 'in a finding, ' + SEVERITY[n])));
}

function choice(label, options, onchange) {
  const node = el('select', {onchange: onchange}, options.map(([value, text]) => el('option', {value: value}, text)));
  return [node, el('label', null, label, node)];
}
function graphTools() {
  const types = [...new Set(G.nodes.map((n) => n.c.type).filter(Boolean))].sort();
  const again = () => {
    view.mode = ui.mode.value; view.type = ui.type.value; view.floor = Number(ui.severity.value);
    view.least = Math.max(1, Number(ui.least.value) || 1);
    draw();
    showDetail(view.chosen);
  };
  const modes = [['busy', 'The busiest classes'], ['near', 'Neighbours of the choice'], ['all', 'Everything']];
  if (D.findings.some((f) => f.nodes.size)) modes.unshift(['findings', 'Findings and neighbours']);
  const [mode, modeLabel] = choice('Show', modes, () => {
    if (ui.mode.value === 'near' && view.chosen) view.focus = view.chosen.a ? [view.chosen.a, view.chosen.b] : [view.chosen];
    if (ui.mode.value === 'near' && !view.focus) view.focus = [view.nodes[0]].filter(Boolean);
    again();
  });
  const [type, typeLabel] = choice('Type', [['', 'all']].concat(types.map((t) => [t, t])), again);
  const [severity, severityLabel] = choice('Severity', [[0, 'all orders'], [1, 'in a finding'], [2, 'likely or worse'], [3, 'certain or worse']], again);
  const least = el('input', {type: 'number', min: 1, value: 1, step: 1, onchange: again});
  Object.assign(ui, {mode: mode, type: type, severity: severity, least: least});
  view.mode = modes[0][0];
  return el('div', {class: 'tools'}, modeLabel, typeLabel, severityLabel, el('label', null, 'Seen at least', least));
}

function graphSection() {
  buildGraph();
  const s = section('graph', 'Order of locks', 'Each arrow leads from a class of locks to one that was taken while it was held. Circles are what deadlocks are made of.', G.nodes.length);
  ui = {};
  if (!G.nodes.length) {
    s.node.append(el('p', {class: 'panel'}, D.sections.includes('order') ? 'No order of locks was seen or traced.' : 'The order of locks was not asked for (--view).'));
    showCount(s, 0);
    return {search: () => {}};
  }
  const tools = graphTools();
  ui.all = svg('g');
  ui.svg = svg('svg', {tabindex: '0', role: 'application', 'aria-label': 'Lock graph: arrow keys go from class to class, Enter shows details', onkeydown: graphKey},
    svg('defs', null, ['plain', 's1', 's2', 's3', 'near'].map(marker)), ui.all);
  ui.shown = el('p', {class: 'soft small'});
  ui.detail = el('div', {class: 'detail', tabindex: '-1', role: 'region', 'aria-label': 'Details of the choice'});
  const zooms = el('div', {class: 'zoom'}, el('button', {type: 'button', 'aria-label': 'Zoom in', onclick: () => zoom(1.25)}, '+'),
    el('button', {type: 'button', 'aria-label': 'Zoom out', onclick: () => zoom(0.8)}, '\u2212'),
    el('button', {type: 'button', onclick: () => fit(true)}, 'Fit'));
  ui.canvas = el('div', {class: 'canvas'}, ui.svg, zooms);
  s.node.append(tools, el('div', {class: 'graph'}, el('div', null, ui.canvas, legend(), ui.shown), ui.detail));
  pointers();
  showDetail(null);
  showCount(s, G.nodes.length);
  draw();
  return {search: (m) => {
    const hits = m.any ? G.nodes.filter((n) => m.test(n.text)) : G.nodes;
    const hidden = view.match && view.match.any || hits.some((n) => !view.nodes.includes(n));
    view.match = m;
    showCount(s, hits.length);
    view.chosen = null;
    if (hidden) draw(true); else mark();
    showDetail(null);
    if (m.any) centerHits(hits.filter((n) => n.el && view.nodes.includes(n)));
    else fit();
  }};
}
