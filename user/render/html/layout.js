/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * Places for the lock graph: who is taken first stands to the left. Layers by
 * the longest path without the orders that close a circle; within a layer by
 * the mean of the neighbours. The same graph always gives the same picture.
 */
const ROW = 34;
const BOX = 24;
const LAYER_MAX = 40;   /* nodes one above the other before a layer gets another column */

/* The ends of the edges that do not close a circle: depth first, without recursion. */
function acyclic(nodes) {
  const state = new Map();
  const forward = [];
  for (const root of nodes) {
    const path = [[root, 0]];
    if (state.has(root)) continue;
    state.set(root, 1);
    while (path.length) {
      const top = path[path.length - 1];
      const e = top[0].vOut[top[1]++];
      if (!e) { state.set(top[0], 2); path.pop(); continue; }
      if (state.get(e.b) === 1) continue;
      forward.push(e);
      if (!state.has(e.b)) { state.set(e.b, 1); path.push([e.b, 0]); }
    }
  }
  return forward;
}

function assignLayers(nodes) {
  const forward = acyclic(nodes);
  const todo = new Map(nodes.map((n) => [n, 0]));
  const after = new Map(nodes.map((n) => [n, []]));
  for (const e of forward) { todo.set(e.b, todo.get(e.b) + 1); after.get(e.a).push(e.b); }
  for (const n of nodes) n.layer = 0;
  const ready = nodes.filter((n) => !todo.get(n));
  for (let i = 0; i < ready.length; i++) {
    for (const b of after.get(ready[i])) {
      b.layer = Math.max(b.layer, ready[i].layer + 1);
      todo.set(b, todo.get(b) - 1);
      if (!todo.get(b)) ready.push(b);
    }
  }
  /* Move sources next to what they lead to. */
  for (let i = ready.length - 1; i >= 0; i--) {
    const n = ready[i];
    if (!n.vIn.length && after.get(n).length) n.layer = Math.min(...after.get(n).map((b) => b.layer)) - 1;
  }
}

function orderLayers(layers) {
  const mean = (list, end) => list.reduce((s, e) => s + e[end].place, 0) / list.length;
  const place = (layer) => layer.forEach((n, i) => { n.place = i - layer.length / 2; });
  layers.forEach(place);
  for (let round = 0; round < 6; round++) {
    const list = round % 2 ? layers.slice().reverse() : layers;
    for (const layer of list) {
      for (const n of layer) {
        const near = round % 2 ? n.vOut : n.vIn;
        n.key = near.length ? mean(near, round % 2 ? 'b' : 'a') : n.place;
      }
      layer.sort((a, b) => a.key - b.key || a.index - b.index);
      place(layer);
    }
  }
}

/*
 * Sets x and y of each node (its box begins there) and returns the size of all; @gap
 * is left between layers, so that what is written on the edges can be read.
 */
function layout(nodes, edges, gap) {
  for (const n of nodes) { n.vOut = []; n.vIn = []; n.above = 0; }
  for (const e of edges) {
    if (e.a === e.b) e.a.above = e.severity ? 44 : 22;
  }
  for (const e of edges) {
    if (e.a !== e.b) { e.a.vOut.push(e); e.b.vIn.push(e); }
  }
  const linked = nodes.filter((n) => n.vOut.length || n.vIn.length);
  assignLayers(linked);
  const layers = [];
  for (const n of linked) (layers[n.layer] = layers[n.layer] || []).push(n);
  const used = layers.filter(Boolean);
  orderLayers(used);
  const alone = nodes.filter((n) => !n.vOut.length && !n.vIn.length);
  if (alone.length) used.push(alone);
  return coordinates(used, gap);
}

function coordinates(layers, gap) {
  const most = Math.max(LAYER_MAX, Math.ceil(2 * Math.sqrt(layers.reduce((s, l) => s + l.length, 0))));
  let x = 0;
  let bottom = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / most);
    const rows = Math.ceil(layer.length / columns);
    for (let c = 0; c < columns; c++) {
      const part = layer.slice(c * rows, (c + 1) * rows);
      const width = Math.max(...part.map((n) => n.w));
      const height = part.reduce((sum, n) => sum + ROW + n.above, 0);
      let y = -height / 2;
      for (const n of part) {
        n.x = x;
        n.y = y + n.above;
        y += ROW + n.above;
      }
      x += width + (c + 1 < columns ? 30 : gap);
      bottom = Math.max(bottom, height / 2);
    }
  }
  return {left: -20, top: -bottom - 40, width: x - 50, height: 2 * bottom + 80};
}

/* The curve of an edge as the four points of a cubic Bezier curve. */
function curve(e) {
  const ax = e.a.x + e.a.w;
  const ay = e.a.y + BOX / 2;
  const by = e.b.y + BOX / 2;
  if (e.a === e.b) {
    const mid = e.a.x + e.a.w / 2;
    return [mid - 14, e.a.y, mid - 34, e.a.y - 34, mid + 34, e.a.y - 34, mid + 14, e.a.y];
  }
  if (e.b.x > ax) {
    const reach = Math.max(30, (e.b.x - ax) / 2);
    return [ax, ay, ax + reach, ay, e.b.x - reach, by, e.b.x, by];
  }
  if (e.b.x + e.b.w < e.a.x) {   /* back: below both */
    const from = e.a.x + e.a.w / 2;
    const to = e.b.x + e.b.w / 2;
    const depth = Math.max(e.a.y, e.b.y) + BOX + 26 + Math.min(160, (from - to) / 8);
    return [from, e.a.y + BOX, from, depth, to, depth, to, e.b.y + BOX];
  }
  const out = Math.max(ax, e.b.x + e.b.w) + 46;   /* in one column: around the right side */
  return [ax, ay, out, ay, out, by, e.b.x + e.b.w, by];
}
function onCurve(c, t) {
  const u = 1 - t;
  const at = (i) => u * u * u * c[i] + 3 * u * u * t * c[i + 2] + 3 * u * t * t * c[i + 4] + t * t * t * c[i + 6];
  return [at(0), at(1)];
}
