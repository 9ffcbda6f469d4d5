#!/bin/sh
# Sees to it that tests/browser has a chromium: quiet when there is one; installed where apt may be used without asking anybody.
# Where it may not, says what is skipped then. Never fails because of that: whether a browser must be there, the tests decide.
#
#   tools/chromium.sh               install it if it is missing
#   tools/chromium.sh installable   succeed if it could be installed here
set -u

here() {
    [ -n "${FAIRGRAPH_CHROMIUM:-}" ] || [ -x /usr/bin/chromium ] || command -v chromium >/dev/null 2>&1
}

installable() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true >/dev/null 2>&1; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive timeout 600 \
        apt-get -qq -o DPkg::Lock::Timeout=60 -o Acquire::http::Timeout=20 "$@" >>"$log" 2>&1
}

if [ "${1:-}" = installable ]; then
    installable
    exit
fi
here && exit 0
skipped="the tests in tests/browser are skipped; FAIRGRAPH_CHROMIUM names a chromium that is elsewhere"
if ! installable; then
    echo "chromium: not here, and not to be installed without asking (apt as root, or sudo without a password): $skipped" >&2
    exit 0
fi
echo "chromium: installing it with apt, for tests/browser" >&2
log=$(mktemp)
# The lists of a fresh machine are empty, those of an old one name versions that are gone.
apt install --yes --no-install-recommends chromium || { apt update && apt install --yes --no-install-recommends chromium; }
if ! here; then
    tail -n 5 "$log" >&2
    echo "chromium: apt could not install it: $skipped" >&2
fi
rm -f "$log"
exit 0
