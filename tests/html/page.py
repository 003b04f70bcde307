#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""page.py FOLDER: drive the pages that page.sh made there; speaks TAP."""

import sys

from browser import Browser

FOLDER = sys.argv[1]
PAGES = ["abba", "clean", "chain", "singles", "waits", "reports", "holds", "hostile", "big"]
count = failed = 0


def ok(held, name, *got):
    global count, failed
    count += 1
    failed += not held
    print(f"{'ok' if held else 'not ok'} {count} - {name}", flush=True)
    if not held and got:
        print(f"# got: {got}")


def same(got, want, name):
    ok(got == want, name, got, "wanted", want)


def load(b, name, width=1280, height=900):
    b.size(width, height)
    b.open(f"{FOLDER}/{name}.html")


def text(b, selector):
    return b.js("const n = document.querySelector(arguments[0]); return n ? n.innerText : null", selector)


def number(b, selector):
    return b.js("return document.querySelectorAll(arguments[0]).length", selector)


def search(b, words):
    """From wherever the focus is."""
    b.js("document.activeElement.blur()")
    b.keys("/")
    b.js("document.getElementById('search').select()")
    b.keys(words, "Enter")


def pick(b, label, value):
    """Choose in a select or a field by its label."""
    b.js("""const l = [...document.querySelectorAll('label')].filter((l) => l.firstChild.textContent === arguments[0]).pop();
        l.querySelector('select, input').value = arguments[1];
        l.querySelector('select, input').dispatchEvent(new Event('change', {bubbles: true}));""", label, value)


# --- every page ---------------------------------------------------------------------------

OPEN_ALL = "document.querySelectorAll('details').forEach((d) => { d.open = true; });"
UNNAMED = """return [...document.querySelectorAll('button, input, select, a, summary, [tabindex="0"]')].filter((n) =>
    !n.textContent.trim() && !n.getAttribute('aria-label') && !n.closest('label')).map((n) => n.outerHTML.slice(0, 80))"""
TWICE = """const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
    return ids.filter((id, i) => ids.indexOf(id) !== i)"""
# Text of too little contrast with what is behind it.
FAINT = """
    const rgb = (s) => (s.match(/[\\d.]+/g) || []).map(Number);
    const light = (c) => { const f = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
    const behind = (n) => { for (; n; n = n.parentElement) { const c = rgb(getComputedStyle(n).backgroundColor);
        if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
    const bad = new Set();
    for (const n of document.querySelectorAll('body *')) {
        const node = n.closest('.node');
        if (!n.checkVisibility() || n.closest('script') || (n.closest('svg') && !node)) continue;
        if (![...n.childNodes].some((t) => t.nodeType === 3 && t.data.trim())) continue;
        const style = getComputedStyle(n);
        const a = light(rgb(node ? style.fill : style.color));
        const b = light(node ? rgb(getComputedStyle(node.querySelector('rect')).fill) : behind(n));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) bad.add(n.tagName + '.' + n.getAttribute('class') + ' ' + ratio.toFixed(2));
    }
    return [...bad]"""


def every_page(b):
    for name in PAGES:
        load(b, name)
        ok(b.wait("document.documentElement.dataset.ready"), f"{name}: the script comes to its end")
        same(b.js("return [...document.querySelectorAll('h1')].length"), 1, f"{name}: one title")
        same(b.js(UNNAMED), [], f"{name}: every control has a name")
        same(b.js(TWICE), [], f"{name}: ids are unique")
        for theme in "light", "dark":
            b.media(prefers_color_scheme=theme)
            b.js(OPEN_ALL)
            same(b.js(FAINT), [], f"{name}: contrast, {theme}")
        load(b, name, 360, 740)
        b.js(OPEN_ALL + "document.querySelectorAll('#contention tbody button').forEach((n, i) => { if (i < 3) n.click(); });")
        ok(b.js("return document.documentElement.scrollWidth <= innerWidth"), f"{name}: fits 360 pixels",
           b.js("""return [...document.querySelectorAll('main *, header *')].filter((n) => !n.closest('.scroll, svg, pre, ul') &&
               n.getBoundingClientRect().right > innerWidth).map((n) => n.outerHTML.slice(0, 80)).slice(0, 5)"""))
    b.media(prefers_color_scheme="light")


def faint_is_seen(b):
    load(b, "abba")
    b.js("document.querySelector('.lead').style.color = '#bbb'")
    ok(b.js(FAINT), "faint text would be seen")
    b.js("document.querySelector('.lead').style.minWidth = '2000px'")
    ok(b.js("return document.documentElement.scrollWidth > innerWidth"), "so would be what is too wide")


# --- findings -----------------------------------------------------------------------------

def findings(b):
    load(b, "abba")
    ok(text(b, "h1").startswith("1 finding: circular locking dependency, certain"), "the answer is the title", text(b, "h1"))
    ok("lks-unbind/102" in text(b, ".lead") and "opposite orders" in text(b, ".lead"), "and in words below it")
    stacks = b.js("return [...document.querySelectorAll('.finding .stack')].map((n) => n.innerText)")
    ok(len(stacks) == 2 and "lks_iommu_setup" in stacks[0] and "lks_iommu_unbind" in stacks[1], "both stacks are there", stacks)
    ok("different tasks made them" in text(b, ".finding"), "and why it is believed")
    ok(b.js("return document.querySelector('.finding').getBoundingClientRect().top < innerHeight"), "all of that on the first screen")
    load(b, "clean")
    same([text(b, "h1"), number(b, ".finding")], ["No finding", 0], "without a finding there is none")
    load(b, "singles")
    same(number(b, ".finding"), 6, "several findings")
    b.js("""const s = document.querySelector('#findings select'); s.value = '3'; s.dispatchEvent(new Event('change'));""")
    same(b.js("return [...document.querySelectorAll('.finding > header .badge')].map((n) => n.innerText)"), ["certain", "certain"],
         "filtered by severity")
    load(b, "reports")
    ok("possible circular locking dependency" in text(b, "#findings"), "a report of the kernel has its own title")
    b.js(OPEN_ALL)
    ok("-> #1 (" in b.js("return [...document.querySelectorAll('.finding pre')].map((n) => n.innerText).join()"), "and its own text")


# --- search, tables -----------------------------------------------------------------------

ROWS = """return [...document.querySelectorAll('#contention tbody tr:not(.more)')].map((r) => [...r.children].map((c) => c.innerText))"""
HEADS = "return [...document.querySelectorAll('#contention thead th')].map((h) => h.getAttribute('aria-sort'))"


def sort_by(b, name):
    b.js("""[...document.querySelectorAll('#contention thead button')].filter((n) => n.innerText.startsWith(arguments[0]))[0].click()""", name)


def tables(b):
    load(b, "waits")
    rows = b.js(ROWS)
    total = len(rows)
    ok(total > 5, "there are waits", total)
    ok(b.js(HEADS).count("descending") == 1, "sorted by one column at first")
    sort_by(b, "Waits")
    counts = [int(r[3].replace(",", "")) for r in b.js(ROWS)]
    ok(counts == sorted(counts, reverse=True) and counts[0] > counts[-1], "sorted by the number of waits", counts)
    sort_by(b, "Waits")
    counts = [int(r[3].replace(",", "")) for r in b.js(ROWS)]
    ok(counts == sorted(counts) and b.js(HEADS)[3] == "ascending", "and the other way round", counts)
    sort_by(b, "Lock")
    ok(b.js(HEADS)[0] == "ascending" and b.js(HEADS)[3] == "none", "then by name")
    want = [r for r in rows if "pipe" in " ".join(r).lower()]
    ok(0 < len(want) < total, "some rows are of pipes")
    search(b, "pipe_read")
    got = b.js(ROWS)
    ok(0 < len(got) < total and len(got) == b.js("return D.contention.filter((r) => r.search.includes('pipe_read')).length"),
       "the search leaves rows that match", len(got))
    search(b, "no such thing")
    same(b.js(ROWS), [], "or none")
    b.keys("Escape")
    same(len(b.js(ROWS)), total, "Escape brings all back")
    ok(b.js("return document.querySelectorAll('#contention .hist rect').length > 3"), "there is a histogram")
    b.js("document.querySelector('#contention tbody button').focus()")
    b.keys("Enter")
    ok("Stack with the most wait time" in text(b, "#contention tr.more:not([hidden])"), "Enter opens a row")
    b.keys("Enter")
    same(number(b, "#contention tr.more:not([hidden])"), 0, "and closes it")


def holds(b):
    load(b, "waits")
    same([number(b, "#holds"), number(b, "#nav a[href='#holds']")], [0, 0], "without hold times there is no table of them")
    load(b, "holds")
    rows = b.js(ROWS.replace("#contention", "#holds"))
    same([len(rows), rows[0][0], rows[0][3]], [5, "mutex@pipe_write", "987,654"], "hold times have a table")
    ok("Holds" in text(b, "#holds thead") and "Released in" in text(b, "#holds thead"), "with its own heads")
    same(number(b, "#contention tbody tr:not(.more)"), 6, "beside that of the waits")
    b.js("document.querySelector('#holds tbody button').click()")
    detail = text(b, "#holds tr.more:not([hidden])")
    ok("Stack with the most hold time" in detail and "yes/9001" in detail, "a row says who held longest", detail)
    search(b, "ext4_buffered")
    same(len(b.js(ROWS.replace("#contention", "#holds"))), 1, "the search finds holds, too")


def searching(b):
    load(b, "singles")
    search(b, "upgrade")
    same(number(b, ".finding"), 1, "the search finds a finding by its task")
    same(text(b, "#nav a[href='#findings'] .count").strip(), "1/6", "and says how many of how many")
    search(b, "nonsense")
    ok("No finding matches" in text(b, "#findings"), "or says that none matches")


# --- the graph ----------------------------------------------------------------------------

# Where on the screen the middle of an edge is, or of a class.
EDGE = """const e = G.edges[arguments[0]]; const r = ui.svg.getBoundingClientRect(); const [x, y] = onCurve(e.curve, 0.3);
    return [r.left + x * view.at.k + view.at.x, r.top + y * view.at.k + view.at.y]"""
NODE = "const r = G.nodes[arguments[0]].el.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]"


def to_graph(b):
    b.js("document.documentElement.style.scrollBehavior = 'auto'; document.getElementById('graph').scrollIntoView()")


def graph(b):
    load(b, "abba")
    to_graph(b)
    same(number(b, ".canvas .edge.s3"), 2, "the orders of the finding stand out")
    same(b.js("return [...document.querySelectorAll('.tag text')].map((n) => n.textContent)"), ["certain", "certain"], "and are labelled")
    b.click(*b.js(EDGE, 0))
    detail = text(b, ".detail")
    ok("was taken while" in detail and "And the other way round" in detail and "lks_iommu_setup" in detail and
       "lks_iommu_unbind" in detail, "a click on an edge shows both stacks", detail)
    b.click(*b.js(NODE, 0))
    ok(text(b, ".detail h3") == b.js("return G.nodes[0].name") and "Held when it is taken (1)" in text(b, ".detail"),
       "a click on a class shows its neighbours")
    before = b.js("return view.at")
    box = b.js("const r = ui.svg.getBoundingClientRect(); return [r.left + 30, r.bottom - 30]")
    b.drag(*box, 60, -40)
    after = b.js("return view.at")
    same([round(after["x"] - before["x"]), round(after["y"] - before["y"])], [60, -40], "a drag moves it")
    b.js("document.querySelector('.zoom button').click()")
    ok(b.js("return view.at.k") > after["k"], "a button zooms in")
    b.js("choose(null)")
    ok("Nothing is chosen" in text(b, ".detail"), "nothing is chosen")


def graph_filters(b):
    load(b, "chain")
    shown = "return [view.nodes.length, view.edges.length]"
    pick(b, "Show", "all")
    ok(b.js(shown) == b.js("return [G.nodes.length, G.edges.length]"), "everything", b.js(shown))
    kind = b.js("return G.nodes[0].c.type")
    pick(b, "Type", kind)
    same(b.js("return [...new Set(view.nodes.map((n) => n.c.type))]"), [kind], "by type")
    pick(b, "Type", "")
    load(b, "big")
    ok(b.js("return view.nodes.length") < 100, "a large graph begins with a part of it", b.js(shown))
    pick(b, "Show", "all")
    same(b.js("return view.nodes.length"), 2000, "all 2,000 classes can be shown")
    pick(b, "Seen at least", "2")
    ok(b.js("return view.edges.every((e) => e.count >= 2)"), "by count")
    pick(b, "Seen at least", "1")
    pick(b, "Show", "busy")
    search(b, "lock_of_1999")
    ok(b.js("return view.nodes.some((n) => n.name.endsWith('lock_of_1999'))") and number(b, ".node.match") == 1,
       "the search shows a class that was not shown")
    ok("1 class matches" in text(b, ".detail"), "and lists it")
    places = b.js("return view.nodes.map((n) => [n.x, n.y])")
    load(b, "big")
    search(b, "lock_of_1999")
    same(b.js("return view.nodes.map((n) => [n.x, n.y])"), places, "the same graph has the same picture")


def keyboard(b):
    load(b, "abba")
    b.js("window.seen = []; document.addEventListener('focusin', (ev) => seen.push(ev.target))")
    b.keys(*["Tab"] * 40)
    same(b.js("""return seen.filter((n, i) => i && seen.indexOf(n) === i &&
        !(seen[i - 1].compareDocumentPosition(n) & Node.DOCUMENT_POSITION_FOLLOWING)).map((n) => n.outerHTML.slice(0, 60))"""),
         [], "Tab goes down the page")
    ok(b.js("return seen.includes(ui.svg) && seen.includes(document.getElementById('search')) && seen.some((n) => n.tagName === 'SUMMARY')"),
       "to the search, the stacks and the graph")
    load(b, "abba")
    faint = []
    for _ in range(25):
        b.keys("Tab")
        if b.js("const n = document.activeElement; const s = getComputedStyle(n); return n !== document.body && (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2)"):
            faint.append(b.js("return document.activeElement.outerHTML.slice(0, 60)"))
    same(faint, [], "what has the focus is seen")
    b.js("ui.svg.focus()")
    b.keys("Right")
    first = b.js("return view.chosen && view.chosen.name")
    ok(first, "an arrow key chooses a class")
    b.keys("Right")
    if b.js("return view.chosen.name") == first:
        b.keys("Left")
    ok(b.js("return view.chosen.name") != first, "another one goes on from there")
    k = b.js("return view.at.k")
    b.keys("+")
    ok(b.js("return view.at.k") > k, "+ zooms in")
    b.keys("Enter")
    ok(b.js("return document.activeElement === ui.detail"), "Enter goes to the details")
    b.keys("Tab", "Enter")
    ok(b.js("return document.activeElement !== document.body"), "and on from there")
    b.js("ui.svg.focus()")
    b.keys("Escape")
    ok(b.js("return view.chosen === null"), "Escape lets go")
    b.js("document.querySelector('.finding summary').focus()")
    b.keys("Space")
    same(b.js("return document.querySelector('.finding details').open"), False, "Space folds a stack")
    b.keys("/")
    same(b.js("return document.activeElement.id"), "search", "/ goes to the search")


# --- colours, motion, hostile names, no script ----------------------------------------------

BACK = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b) > 384"


def themes(b):
    b.media(prefers_color_scheme="dark")
    load(b, "abba")
    b.js("localStorage.clear()")
    load(b, "abba")
    same(b.js(BACK), False, "dark where the system is dark")
    b.media(prefers_color_scheme="light")
    ok(b.wait("getComputedStyle(document.body).backgroundColor === 'rgb(246, 247, 249)'"), "light where it is light")
    b.js("document.getElementById('theme').focus()")
    b.keys("Enter")
    same(b.js(BACK), False, "a button turns it")
    b.keys("Enter")
    same(b.js(BACK), True, "and back")
    b.media(prefers_reduced_motion="reduce")
    same(b.js("return getComputedStyle(document.documentElement).scrollBehavior"), "auto", "no motion where none is wanted")
    b.media(prefers_reduced_motion="no-preference")
    same(b.js("return getComputedStyle(document.documentElement).scrollBehavior"), "smooth", "motion where it is not minded")


def hostile(b):
    load(b, "hostile")
    b.js(OPEN_ALL + "graphShowFinding(0); choose(G.edges[0]); choose(G.nodes[0]); choose(G.edges[1])")
    same(b.js("return [window.evil || null, document.images.length, document.scripts.length]"), [None, 0, 2], "names run no script and make no image")
    ok("<img src=x onerror=" in text(b, ".detail") and "<img src=x" in text(b, "#text pre"), "they are shown as they are")
    b.js("const s = document.createElement('script'); s.textContent = 'window.evil = 2'; document.body.append(s)")
    same(b.js("return window.evil || null"), None, "and the policy would stop what slipped through")
    b.js("const i = document.createElement('img'); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i)")
    ok(b.wait("document.images[0].complete"), "an image, too")
    complaints = b.console()
    ok(len(complaints) >= 2 and all("Content Security Policy" in c or "violates" in c for c in complaints), "which the browser says", complaints)


def without_script():
    with Browser(script=False) as b:
        load(b, "abba")
        page = b.cdp("Runtime.evaluate", expression="document.body.innerText")["result"]["value"]
        ok("WARNING: circular locking dependency, certain" in page and "\ncomplete\n" in page,
           "without scripts the report is there as text")
        ok("need JavaScript" in page, "and the page says what is missing")
        ok("Order of locks" not in page, "the rest is not there, so scripts were off")


with Browser() as browser:
    browser.open(f"{FOLDER}/abba.html")
    browser.requests()      # of the browser's own start page
    browser.console()
    for test in every_page, faint_is_seen, findings, tables, holds, searching, graph, graph_filters, keyboard, themes:
        test(browser)
    same(browser.console(), [], "the browser had nothing to complain about")
    same(browser.requests(), [], "and nothing was asked of the network")
    hostile(browser)
without_script()
print(f"1..{count}")
sys.exit(failed > 0)
