# SPDX-License-Identifier: GPL-2.0-only
"""
A headless Chromium, driven through chromedriver (W3C WebDriver over HTTP) with
nothing but Python's own library.

    with Browser() as b:
        b.open("/tmp/page.html")
        b.js("return document.title")
"""

import base64
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Left": "\ue012", "Up": "\ue013",
        "Right": "\ue014", "Down": "\ue015", "Space": " ", "Shift": "\ue008"}
ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--force-device-scale-factor=1"]


def missing():
    """Why there can be no browser; None if there can."""
    for program in "chromium", "chromedriver":
        if not shutil.which(program):
            return f"{program} is not installed"
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    def __init__(self, script=True, timeout=60):
        self.timeout = timeout
        self.script = script

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lockscope-browser.", ignore_cleanup_errors=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        try:
            self.wait_for_driver()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        try:
            if hasattr(self, "session"):
                self.call("DELETE", "")
        except OSError:
            pass    # it has ended by itself: what follows ends the driver
        self.driver.terminate()
        self.driver.wait(30)
        self.folder.cleanup()

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        req = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(req, timeout=self.timeout) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def call(self, method, path, body=None):
        return self.request(method, f"/session/{self.session}{path}", body)

    def wait_for_driver(self):
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                if self.request("GET", "/status")["ready"]:
                    return
            except OSError:
                if self.driver.poll() is not None or time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def start(self):
        options = {"binary": shutil.which("chromium"), "args": ARGS + [f"--user-data-dir={self.folder.name}"]}
        if not self.script:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        caps = {"browserName": "chrome", "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.session = self.request("POST", "/session", {"capabilities": {"alwaysMatch": caps}})["sessionId"]

    # What a test does.

    def open(self, path):
        self.call("POST", "/url", {"url": pathlib.Path(path).resolve().as_uri()})

    def js(self, code, *args):
        return self.call("POST", "/execute/sync", {"script": code, "args": list(args)})

    def cdp(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def size(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, **features):
        """media(prefers_color_scheme="dark")"""
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": k.replace("_", "-"), "value": v} for k, v in features.items()])

    def keys(self, *names):
        """Press and release each, the named ones of KEYS or characters."""
        actions = []
        for name in names:
            for key in ([KEYS[name]] if name in KEYS else name):
                actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def click(self, x, y):
        self.call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0},
            {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]}]})

    def drag(self, x, y, dx, dy):
        self.call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}, {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": round(x + dx), "y": round(y + dy), "duration": 50},
            {"type": "pointerUp", "button": 0}]}]})

    def wait(self, code, seconds=10):
        """Until the expression is true: whether it came to that."""
        deadline = time.monotonic() + seconds
        while not self.js(f"return Boolean({code})"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def shot(self, path, full=False):
        if full:
            width, height = self.js("return [innerWidth, document.documentElement.scrollHeight]")
            self.size(width, min(height, 12000))
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def console(self):
        """What the browser had to complain about since the last call."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """Addresses that were asked for since the last call, but for files and data."""
        messages = [json.loads(e["message"])["message"] for e in self.call("POST", "/se/log", {"type": "performance"})]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent" and
                not m["params"]["request"]["url"].startswith(("file:", "data:"))]
