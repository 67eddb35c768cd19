#!/bin/sh
# Installs what the project needs.
#   venv   .venv with exactly the packages of requirements.lock, and the project itself
#   node   node and npm, which tests with a foreign client and with axe-core need
#   browser  Debian's Chromium, which the tests of the console drive
#   lock   writes requirements.lock anew from pyproject.toml
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON3:-python3}

say() { printf '%s\n' "$*" >&2; }

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

require_python() {
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "Orgward needs Python 3.11 or newer as '$python'; name another with PYTHON3=..."
        exit 1
    fi
}

# Debian packs the part of Python that puts pip into a venv separately. Without it, the pip outside serves.
make_venv() {
    "$python" -m venv "$1" >/dev/null 2>&1 && return
    rm -rf "$1"
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip "$1"
    elif apt_install python3-venv; then
        "$python" -m venv "$1"
    else
        say "Python cannot make a virtual environment here: install python3-venv or python3-pip, then try again."
        exit 1
    fi
}

pip_in() {
    venv=$1
    shift
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$venv/bin/python" -m pip --disable-pip-version-check "$@"
    else
        "$python" -m pip --disable-pip-version-check --python "$venv/bin/python" "$@"
    fi
}

venv() {
    require_python
    [ -x .venv/bin/python ] || make_venv .venv
    pip_in .venv install -q -r requirements.lock
    pip_in .venv install -q --no-deps --no-build-isolation -e .
}

node() {
    command -v node >/dev/null && command -v npm >/dev/null && return
    say "node and npm are missing; installing them for the tests that need them."
    apt_install nodejs npm || say "Not installed (needs root and apt-get): those tests will be skipped."
}

browser() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null && return
    say "Chromium is missing; installing it for the tests of the console."
    apt_install chromium fonts-dejavu-core || say "Not installed (needs root and apt-get): those tests will be skipped."
}

lock() {
    require_python
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    make_venv "$work/venv"
    pip_in "$work/venv" install -q '.[dev]'
    {
        echo "# Every package of the project and its tests, pinned. Written by \`make lock\`; do not edit."
        pip_in "$work/venv" freeze --exclude orgward
    } >"$work/lock"
    cp "$work/lock" requirements.lock
}

case ${1:-} in
    venv | node | browser | lock) "$1" ;;
    *)
        say "usage: scripts/setup.sh venv|node|browser|lock"
        exit 2
        ;;
esac
