/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The lock graph: classes, and an edge from each to what was taken while it was
 * held. Reports of a kernel bring no classes with them: their links make some.
 */
const G = {nodes: [], edges: [], byName: new Map(), byEnds: new Map()};

function addNode(c) {
  const n = {index: G.nodes.length, id: c.id, name: c.name || '(not named)', c: c, out: [], in: [], severity: 0, count: 0};
  n.label = n.name.length > 30 ? n.name.slice(0, 28) + '\u2026' : n.name;
  n.w = n.label.length * 7.3 + 16;
  n.text = [n.name, c.type, c.named_by].join(' ').toLowerCase();
  G.nodes.push(n);
  if (!G.byName.has(n.name)) G.byName.set(n.name, []);
  G.byName.get(n.name).push(n);
  return n;
}
function addEdge(a, b, d) {
  const e = {index: G.edges.length, a: a, b: b, d: d, severity: 0, count: Number(d.count), findings: []};
  G.edges.push(e);
  G.byEnds.set(a.index + ' ' + b.index, e);
  a.out.push(e);
  b.in.push(e);
  a.count += e.count;
  b.count += e.count;
  return e;
}
function edgeBetween(a, b) { return G.byEnds.get(a.index + ' ' + b.index); }

function named(lock, made) {
  const list = G.byName.get(lock.lock);
  return list && list.length ? list : [made(lock)];
}
function madeNode(lock) {
  return addNode({id: null, name: lock.lock, type: lock.type, named_by: 'the report', instances: null});
}
/* The edge that a link of a finding is about; the most frequent one where a name has several classes. */
function edgeOfLink(link) {
  let best = null;
  const from = named(link.holding, madeNode);
  const to = named(link, madeNode);
  for (const a of from) {
    for (const b of to) {
      const e = edgeBetween(a, b);
      if (e && (!best || e.count > best.count)) best = e;
    }
  }
  return best || addEdge(from[0], to[0], {kinds: [], count: '1', tasks: 1, first_ns: link.time_ns, last_ns: link.time_ns,
    source: link.source, stack: link.stack, made: true});
}

function buildGraph() {
  const ids = new Map();
  for (const c of D.classes) ids.set(c.id, addNode(c));
  for (const d of D.edges) {
    if (ids.has(d.from) && ids.has(d.to)) addEdge(ids.get(d.from), ids.get(d.to), d);
  }
  for (const d of D.nestings) {
    if (ids.has(d.class)) addEdge(ids.get(d.class), ids.get(d.class), d);
  }
  D.findings.forEach((f, i) => {
    f.nodes = new Set();
    f.edges = [];
    for (const link of f.cycle) {
      if (link.lock && link.holding.lock) {
        const e = edgeOfLink(link);
        e.findings.push({finding: i, link: link});
        e.severity = Math.max(e.severity, rank(f));
        f.edges.push(e);
        f.nodes.add(e.a).add(e.b);
      } else if (link.lock || link.holding.lock) {
        f.nodes.add(named(link.lock ? link : link.holding, madeNode)[0]);
      }
    }
    for (const n of f.nodes) n.severity = Math.max(n.severity, rank(f));
  });
}

/* --- which part of it is shown ------------------------------------------------------------ */

const NEAR_MAX = 8;    /* neighbours of a class of a finding, most frequent first */
const BUSY_MAX = 50;

function near(n, max) {
  const list = n.out.concat(n.in).sort((x, y) => y.severity - x.severity || y.count - x.count || x.index - y.index);
  return list.slice(0, max).map((e) => (e.a === n ? e.b : e.a));
}
function chosenNodes(mode, chosen, floor) {
  const set = new Set();
  if (mode === 'all') return new Set(G.nodes);
  if (mode === 'near' && chosen) {
    for (const n of chosen) { set.add(n); near(n, 60).forEach((x) => set.add(x)); }
  } else if (mode === 'findings') {
    for (const f of D.findings) {
      if (rank(f) < floor) continue;
      for (const n of f.nodes) { set.add(n); near(n, NEAR_MAX).forEach((x) => set.add(x)); }
    }
  } else {
    const busy = G.nodes.slice().sort((x, y) => y.severity - x.severity || y.count - x.count || x.index - y.index);
    busy.slice(0, BUSY_MAX).forEach((n) => set.add(n));
  }
  return set;
}
