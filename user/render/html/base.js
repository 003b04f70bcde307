'use strict';
/*
 * SPDX-License-Identifier: GPL-2.0-only
 *
 * The script of the page: what all its parts need. Names in the report are
 * untrusted: they become text nodes and attribute values, never markup.
 */
const D = JSON.parse(document.getElementById('data').textContent);
const SEVERITY = ['', 'possible', 'likely', 'certain', 'deadlock'];
const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
  for (const key in props) {
    const value = props[key];
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
/* An element: el('p', {class: 'x', onclick: f}, 'text', el(...)). */
function el(tag, props, ...children) { return fill(document.createElement(tag), props || {}, children); }
function svg(tag, props, ...children) { return fill(document.createElementNS(SVG, tag), props || {}, children); }
function byId(id) { return document.getElementById(id); }
function say(text) { byId('status').textContent = text; }

/* --- numbers and words -------------------------------------------------------------------- */

function digits(x) { return x >= 99.95 ? x.toFixed(0) : x >= 9.995 ? x.toFixed(1) : x.toFixed(2); }

/* Nanoseconds as a person says them, with three digits. */
function time(ns) {
  if (ns === null || ns === undefined) return '-';
  const x = Number(ns);
  if (x < 1000) return x + ' ns';
  if (x < 999.5e3) return digits(x / 1e3) + ' \u00b5s';
  if (x < 999.5e6) return digits(x / 1e6) + ' ms';
  if (x < 120e9) return digits(x / 1e9) + ' s';
  if (x < 7200e9) return digits(x / 60e9) + ' min';
  return digits(x / 3600e9) + ' h';
}
function number(n) { return Number(n).toLocaleString('en-US'); }
function many(n, one, more) { return number(n) + ' ' + (Number(n) === 1 ? one : more || one + 's'); }
function task(t) { return t && (t.comm || t.tid) ? (t.comm || '?') + (t.tid ? '/' + t.tid : '') : 'not known'; }
function rank(f) { return Math.max(0, SEVERITY.indexOf(f.severity)); }
function badge(word, text) { return el('span', {class: 'badge s-' + String(word).toLowerCase()}, text || word); }
function mono(text) { return el('span', {class: 'mono'}, text); }
function since(ns, source) {
  const s = D.sources[source || 0];
  const d = s ? Number(ns) - Number(s.start_ns) : -1;
  return d >= 0 ? time(d) + ' into the trace' : '';
}
/* Type and mode of a lock, and how it was taken. */
function manner(l) {
  const words = [];
  if (l.type && l.type !== 'lock') words.push(l.type);
  if (l.mode && l.mode !== 'write') words.push('for ' + l.mode);
  if (l.trylock) words.push('by trylock');
  return words.join(', ');
}

/* --- stacks ------------------------------------------------------------------------------- */

/* Frames, innermost first; the report holds each call once, with the number of its caller. */
function frames(stack) {
  if (Array.isArray(stack)) return stack;
  const list = [];
  for (let n = stack; n; n = D.calls[2 * n - 1]) list.push(D.frames[D.calls[2 * n - 2]]);
  return list;
}
function frameItem(text) {
  const cut = text.search(/\+0x/);
  return el('li', null, cut < 0 ? text : [text.slice(0, cut), el('span', {class: 'off'}, text.slice(cut))]);
}
function stackList(stack, label) {
  const list = frames(stack);
  if (!list.length) return el('p', {class: 'soft small'}, 'No stack is known.');
  return el('ol', {class: 'stack', 'aria-label': label || 'Stack, innermost function first'}, list.map(frameItem));
}
function fold(title, body, open) {
  return el('details', {open: open}, el('summary', null, title), body);
}

function foldedStack(stack, who, open) {
  const nr = frames(stack).length;
  return nr ? fold('Stack (' + many(nr, 'function') + ')', stackList(stack, 'Stack of ' + who), open) : stackList(stack);
}

/* --- sections ----------------------------------------------------------------------------- */

const sections = [];

/* A section of the page and its entry in the navigation; @count says how many of its things match. */
function section(id, title, intro, total, ...body) {
  const s = {id: id, title: title, total: total, badge: el('span', {class: 'count'})};
  s.node = el('section', {id: id, 'aria-labelledby': id + '-title', tabindex: '-1'},
    el('header', null, el('h2', {id: id + '-title'}, title), intro && el('p', null, intro)), body);
  sections.push(s);
  byId('main').append(s.node);
  return s;
}
function showCount(s, shown) {
  if (s.total === null) return;
  s.badge.textContent = ' ' + (shown === s.total ? number(s.total) : number(shown) + '/' + number(s.total));
}
/* The words of a search must all occur. */
function matcher(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return {any: words.length > 0, test: (s) => words.every((w) => s.includes(w))};
}
/* A list that begins with a part: long ones make a page slow. */
function chunked(parent, items, make, step) {
  let done = 0;
  const more = el('button', {type: 'button'});
  const grow = () => {
    const end = Math.min(items.length, done + step);
    more.remove();
    for (; done < end; done++) parent.append(...[make(items[done], done)].flat());
    if (done < items.length) {
      more.textContent = 'Show more (' + number(items.length - done) + ' left)';
      parent.append(parent.tagName === 'TBODY' ? el('tr', null, el('td', {colspan: '99'}, more)) : more);
    }
  };
  more.addEventListener('click', () => {
    const row = parent.tagName === 'TBODY' ? more.closest('tr') : null;
    grow();
    if (row) row.remove();
  });
  grow();
}
