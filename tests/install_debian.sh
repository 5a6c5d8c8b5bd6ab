#!/bin/sh
# What the tests need from Debian where no wheel will do: a real virus scanner, and unzip.
# Where nothing may be installed it says so, and the tests that need it are skipped.
set -u
wanted=""
command -v clamd >/dev/null 2>&1 || test -x /usr/sbin/clamd || wanted="clamav-daemon"
command -v unzip >/dev/null 2>&1 || wanted="$wanted unzip"
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "absent, and not installed here (needs root and apt): $wanted; tests will be skipped" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 - two words are two packages
apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted >/dev/null \
    || echo "could not be installed: $wanted; tests will be skipped" >&2
exit 0
