#!/bin/sh
# Installs ClamAV's daemon from Debian for the tests; says so and goes on where that is not allowed.
set -u
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "clamd is absent and cannot be installed here (needs root and apt): its tests will be skipped" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends clamav-daemon >/dev/null \
    || echo "clamd could not be installed: its tests will be skipped" >&2
exit 0
