/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The graph on the screen: drawing, moving about in it, choosing in it.
 */
const view = {mode: '', type: '', floor: 0, least: 1, match: null, chosen: null, focus: null,
  nodes: [], edges: [], box: null, at: {x: 0, y: 0, k: 1}};
let ui = null;   /* the elements of the section */

/* --- drawing ------------------------------------------------------------------------------ */

function select() {
  const set = chosenNodes(view.mode, view.focus, Math.max(1, view.floor));
  if (view.match && view.match.any) {
    const hits = G.nodes.filter((n) => view.match.test(n.text));
    hits.slice(0, 60).forEach((n) => set.add(n));
  }
  const wanted = (e) => set.has(e.a) && set.has(e.b) && (e.findings.length ? e.severity >= view.floor : e.count >= view.least && !view.floor);
  view.edges = G.edges.filter(wanted);
  const kept = new Set();
  if (view.least > 1 || view.floor) view.edges.forEach((e) => kept.add(e.a).add(e.b));
  view.nodes = G.nodes.filter((n) => set.has(n) && (!view.type || n.c.type === view.type) &&
    (!(view.least > 1 || view.floor) || kept.has(n) || n.severity));
  const shown = new Set(view.nodes);
  view.edges = view.edges.filter((e) => shown.has(e.a) && shown.has(e.b));
}

function arrowName(e) { return e === view.chosen ? 'near' : e.severity ? 's' + Math.min(3, e.severity) : 'plain'; }

function drawEdge(e) {
  const c = e.curve = curve(e);
  const width = 1 + Math.min(3, Math.log10(e.count + 1) / 1.6);
  e.el = svg('path', {class: 'edge' + (e.severity ? ' s' + e.severity : ''), 'data-edge': e.index,
    d: 'M' + c[0] + ' ' + c[1] + 'C' + c.slice(2).join(' '), 'stroke-width': (e.severity ? 3 : width).toFixed(1),
    'marker-end': 'url(#to-' + arrowName(e) + ')'});
  return e.el;
}
function drawTag(e) {
  const f = D.findings[e.findings[0].finding];
  const text = f.severity + (D.findings.length > 1 ? ' ' + f.id : '') + (e.findings.length > 1 ? ' +' + (e.findings.length - 1) : '');
  const [x, y] = onCurve(e.curve, 0.5);
  const w = text.length * 6.4 + 10;
  return svg('g', {class: 'tag', transform: 'translate(' + x + ' ' + y + ')'},
    svg('rect', {x: -w / 2, y: -9, width: w, height: 18, rx: 4}), svg('text', {y: 4, 'text-anchor': 'middle'}, text));
}
function drawNode(n) {
  n.el = svg('g', {class: 'node' + (n.severity ? ' s' + n.severity : ''), 'data-node': n.index, transform: 'translate(' + n.x + ' ' + n.y + ')'},
    svg('title', null, n.name + (n.c.type ? ', ' + n.c.type : '')), svg('rect', {width: n.w, height: BOX, rx: 5}),
    svg('text', {x: 8, y: 16}, n.label));
  return n.el;
}

function draw(keep) {
  for (const n of view.nodes) n.el = null;
  for (const e of view.edges) e.el = null;
  select();
  const tags = new Set(view.edges.filter((e) => e.findings.length).map((e) => e.findings[0].finding));
  view.box = layout(view.nodes, view.edges, tags.size > 1 ? 200 : tags.size ? 120 : 90);
  const order = view.edges.slice().sort((a, b) => a.severity - b.severity);
  ui.all.classList.toggle('many', view.edges.length > 400);
  ui.all.replaceChildren(...order.map(drawEdge), ...view.nodes.map(drawNode), ...order.filter((e) => e.findings.length).map(drawTag));
  if (view.chosen && !(view.nodes.includes(view.chosen) || view.edges.includes(view.chosen))) view.chosen = null;
  mark();
  const left = G.nodes.length - view.nodes.length;
  ui.shown.textContent = 'Shown: ' + many(view.nodes.length, 'class', 'classes') + ', ' + many(view.edges.length, 'order') +
    (left ? '; ' + number(left) + ' more in \u201cEverything\u201d.' : '.');
  ui.canvas.style.height = 'clamp(20rem, ' + Math.ceil(view.box.height * 1.1 + 60) + 'px, var(--tallest))';
  if (!keep) fit();
}

/* Classes of what is chosen and of what the search found. */
function mark() {
  const c = view.chosen;
  ui.all.classList.toggle('dim', Boolean(c));
  for (const n of view.nodes) {
    n.el.classList.toggle('match', Boolean(view.match && view.match.any && view.match.test(n.text)));
    n.el.classList.toggle('chosen', n === c);
  }
  for (const e of view.edges) {
    const is = e === c;
    const touches = Boolean(c) && (e.a === c || e.b === c);
    e.el.classList.toggle('chosen', is);
    e.el.classList.toggle('near', touches);
    e.el.setAttribute('marker-end', 'url(#to-' + (is || (touches && !e.severity) ? 'near' : arrowName(e)) + ')');
  }
}

/* --- moving ------------------------------------------------------------------------------- */

function move() {
  const {x, y, k} = view.at;
  ui.all.setAttribute('transform', 'translate(' + x + ' ' + y + ') scale(' + k + ')');
  ui.all.classList.toggle('far', k < 0.32);
}
function size() { return [ui.svg.clientWidth || 600, ui.svg.clientHeight || 400]; }
/* All of it, but never so small that nothing can be read: then its beginning, or what is worst. */
function fit(whole) {
  const [w, h] = size();
  const b = view.box;
  const all = Math.min(w / b.width, h / b.height, 1.15);
  const k = whole ? all : Math.max(all, 0.75);
  view.at = {k: k, x: (w - b.width * k) / 2 - b.left * k, y: (h - b.height * k) / 2 - b.top * k};
  const worst = view.nodes.filter((n) => n.severity).sort((p, q) => q.severity - p.severity || p.index - q.index)
    .filter((n, i, list) => n.severity === list[0].severity);
  move();
  if (k <= all || whole) return;
  if (worst.length) center(worst, k);
  else { view.at.x = -b.left * k; move(); }   /* its beginning */
}
function center(list, k) {
  if (!list.length) return;
  const [w, h] = size();
  const x0 = Math.min(...list.map((n) => n.x));
  const x1 = Math.max(...list.map((n) => n.x + n.w));
  const y0 = Math.min(...list.map((n) => n.y));
  const y1 = Math.max(...list.map((n) => n.y + BOX));
  const scale = Math.max(0.35, Math.min(k, w / (x1 - x0 + 80), h / (y1 - y0 + 120)));
  view.at = {k: scale, x: w / 2 - (x0 + x1) / 2 * scale, y: h / 2 - (y0 + y1) / 2 * scale};
  move();
}
/* All that the search found, or the first of it if all would be too small to be read. */
function centerHits(hits) {
  center(hits, 0.9);
  if (view.at.k < 0.5) center(hits.slice(0, 1), 0.9);
}
function zoom(factor, cx, cy) {
  const [w, h] = size();
  const k = Math.max(0.03, Math.min(4, view.at.k * factor));
  const px = cx === undefined ? w / 2 : cx;
  const py = cy === undefined ? h / 2 : cy;
  view.at.x = px - (px - view.at.x) * k / view.at.k;
  view.at.y = py - (py - view.at.y) * k / view.at.k;
  view.at.k = k;
  move();
}
/* Into sight, if it is not. */
function reveal(list) {
  const [w, h] = size();
  const {x, y, k} = view.at;
  const seen = list.every((n) => n.x * k + x > 0 && (n.x + n.w) * k + x < w && n.y * k + y > 0 && (n.y + BOX) * k + y < h);
  if (!seen) center(list, Math.max(k, 0.6));
}

/* --- choosing ----------------------------------------------------------------------------- */

function choose(thing, keepFocus) {
  view.chosen = thing;
  if (thing) {
    const ends = thing.a ? [thing.a, thing.b] : [thing];
    if (!ends.every((n) => view.nodes.includes(n)) || (thing.a && !view.edges.includes(thing))) {
      view.focus = ends;
      setMode('near');
      draw();
      view.chosen = thing;
    }
    reveal(ends);
  }
  mark();
  showDetail(thing);
  say(thing ? (thing.a ? 'Order ' + thing.a.name + ', then ' + thing.b.name : 'Lock class ' + thing.name + ', ' +
    many(thing.out.length, 'order') + ' from it, ' + thing.in.length + ' to it') : 'Nothing is chosen');
  if (!keepFocus) ui.svg.focus({preventScroll: true});
}
function setMode(mode) {
  view.mode = mode;
  ui.mode.value = mode;
}
function graphShowFinding(i) {
  const f = D.findings[i];
  const list = [...f.nodes];
  view.floor = 0; view.least = 1; view.type = '';
  ui.severity.value = '0'; ui.least.value = '1'; ui.type.value = '';
  if (!list.every((n) => view.nodes.includes(n))) { view.focus = list; setMode('near'); }
  draw(true);
  center(list, 1.1);
  byId('graph').scrollIntoView();
  choose(f.edges[0] || list[0] || null);
}
/* The edge whose curve comes nearest to a point of the screen, within some pixels. */
function edgeAt(px, py) {
  const {x, y, k} = view.at;
  const gx = (px - x) / k;
  const gy = (py - y) / k;
  let best = null;
  let least = (12 / k) * (12 / k);
  for (const e of view.edges) {
    for (let t = 0; t <= 1; t += 0.04) {
      const [cx, cy] = onCurve(e.curve, t);
      const d = (cx - gx) * (cx - gx) + (cy - gy) * (cy - gy);
      if (d < least || (d === least && best && e.severity > best.severity)) { least = d; best = e; }
    }
  }
  return best;
}
/* The nearest class in the direction of an arrow key. */
function step(dx, dy) {
  const from = view.chosen && !view.chosen.a ? view.chosen : view.chosen ? view.chosen.b : null;
  if (!from) { choose(view.nodes.slice().sort((a, b) => b.severity - a.severity || a.index - b.index)[0] || null); return; }
  let best = null;
  let least = Infinity;
  for (const n of view.nodes) {
    const ax = n.x + n.w / 2 - from.x - from.w / 2;
    const ay = n.y - from.y;
    const along = ax * dx + ay * dy;
    const aside = Math.abs(ax * dy) + Math.abs(ay * dx);
    if (n !== from && along > 1 && along + 2.5 * aside < least) { least = along + 2.5 * aside; best = n; }
  }
  if (best) choose(best);
}

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
function graphKey(ev) {
  if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
  const arrow = ARROWS[ev.key];
  if (arrow && ev.shiftKey) { view.at.x -= arrow[0] * 60; view.at.y -= arrow[1] * 60; move(); }
  else if (arrow) step(arrow[0], arrow[1]);
  else if (ev.key === '+' || ev.key === '=') zoom(1.25);
  else if (ev.key === '-') zoom(0.8);
  else if (ev.key === '0') fit(true);
  else if (ev.key === 'Escape') choose(null);
  else if (ev.key === 'Enter' || ev.key === ' ') {
    if (!view.chosen) step(1, 0);
    ui.detail.focus();
  } else return;
  ev.preventDefault();
}

/* Drag with one pointer, pinch with two; a press without a drag chooses. */
function pointers() {
  const down = new Map();
  let dragged = false;
  const spread = () => { const [a, b] = [...down.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
  ui.svg.addEventListener('pointerdown', (ev) => {
    down.set(ev.pointerId, [ev.clientX, ev.clientY]);
    dragged = down.size > 1;
    ui.svg.setPointerCapture(ev.pointerId);
  });
  ui.svg.addEventListener('pointermove', (ev) => {
    const last = down.get(ev.pointerId);
    if (!last) return;
    const dx = ev.clientX - last[0];
    const dy = ev.clientY - last[1];
    if (!dragged && Math.hypot(dx, dy) < 4) return;
    dragged = true;
    const before = down.size === 2 ? spread() : 0;
    down.set(ev.pointerId, [ev.clientX, ev.clientY]);
    if (before) { const r = ui.svg.getBoundingClientRect(); zoom(spread() / before, ev.clientX - r.left, ev.clientY - r.top); }
    else { view.at.x += dx; view.at.y += dy; move(); }
  });
  const up = (ev) => {
    const known = down.delete(ev.pointerId);
    if (!known || dragged || ev.type === 'pointercancel') return;
    const r = ui.svg.getBoundingClientRect();
    const hit = document.elementFromPoint(ev.clientX, ev.clientY);
    const g = hit && hit.closest('[data-node]');
    choose(g ? G.nodes[Number(g.dataset.node)] : edgeAt(ev.clientX - r.left, ev.clientY - r.top));
  };
  ui.svg.addEventListener('pointerup', up);
  ui.svg.addEventListener('pointercancel', up);
  /* The wheel belongs to the page until the graph has been chosen. */
  ui.svg.addEventListener('wheel', (ev) => {
    if (document.activeElement !== ui.svg && !ev.ctrlKey) return;
    const r = ui.svg.getBoundingClientRect();
    ev.preventDefault();
    zoom(Math.exp(-ev.deltaY / 400), ev.clientX - r.left, ev.clientY - r.top);
  }, {passive: false});
}
