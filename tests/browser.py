"""A Chromium for the checks of the built site: `python tests/browser.py` makes sure of one and prints its path.

In order: one that is on the system, Playwright's own download, the system's package manager where that is allowed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
PLACES = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "/Applications/Chromium.app/Contents/MacOS/Chromium",
          "C:/Program Files/Google/Chrome/Application/chrome.exe",
          "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"]
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-quic"]
# Chromium heeds one such list only: Playwright's own, as of its release 1.65, and the two pages of suggestions for the
# address bar that it would load beside each of ours.
FEATURES = ["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
            "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
            "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin",
            "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
            "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion",
            "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
FLAGS.append(f"--disable-features={','.join(FEATURES)}")
APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]


def on_the_system():
    """The path of an installed browser that starts, or None."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *filter(os.path.exists, PLACES)]
    return next((path for path in found if path and _starts(path)), None)


def downloaded():
    """The path of the browser that Playwright has downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None


def executable():
    """The path of a browser that is already here, or None."""
    return on_the_system() or downloaded()


def install():
    """The path of a browser, fetched if need be; where that fails, SystemExit with one line on how to get one."""
    if path := executable():
        return path
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if path := downloaded():
        return path
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run([*APT, "update"])
        _run([*APT, "install", "-y", "--no-install-recommends", "chromium"])
        if path := on_the_system():
            return path
    sys.exit("No browser for the checks of the built site: install Chromium or Chrome (on Debian and Ubuntu: "
             "sudo apt-get install chromium), or set CHROMIUM to its path, and run make test again.")


def _starts(path):
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(command):
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
    except (OSError, subprocess.TimeoutExpired):
        pass


if __name__ == "__main__":
    print(install())
