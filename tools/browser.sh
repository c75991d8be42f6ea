#!/bin/sh
# Prints the path of a Chromium for the browser tests: first the one that can open no window, which is quicker.
# Root on Debian gets one installed; others are told what to do.
set -eu

find_browser() {
    for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
        if [ -n "$name" ] && command -v "$name"; then return 0; fi
    done
    return 1
}

find_browser && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests." >&2
    export DEBIAN_FRONTEND=noninteractive
    install="apt-get install -y -qq --no-install-recommends"
    { apt-get update -qq && { $install chromium-headless-shell || $install chromium; }; } >&2 </dev/null
    find_browser && exit 0
fi
echo "The browser tests need Chromium. Install it, or say where it is: make test CHROMIUM=/path/to/chromium" >&2
exit 1
