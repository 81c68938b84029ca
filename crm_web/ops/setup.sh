#!/usr/bin/env bash
# Puts in place what a fresh clone lacks; does nothing, in a blink and without network, when all of it is there.
#
#   crm_web/ops/setup.sh run      Python packages, servers, system libraries, front-end files
#   crm_web/ops/setup.sh test     the same, the development packages, and a Chromium for the browser tests
#
# Writes to .venv, node_modules, static/vendor and the compiled catalogues only; Debian packages are asked for when
# something is missing and apt can be used. What was done is remembered by the hash of what it was done from.
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 022

log=.venv/setup.log
python=.venv/bin/python

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Run a noisy command quietly; show its end when it fails.
quietly() {
  mkdir -p .venv
  "$@" >>"$log" 2>&1 && return 0
  tail -n 15 "$log" >&2
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then sudo "$@"
  else return 1
  fi
}

# apt_install PACKAGE...: false when apt is not ours to use. The lists are fetched only when they are missing or old.
apt_install() {
  command -v apt-get >/dev/null && as_root true || return 1
  say "installing Debian packages: $*"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
  as_root "${install[@]}" >/dev/null 2>&1 && return 0
  quietly as_root apt-get update -qq && quietly as_root "${install[@]}"
}

# stamped NAME FILE... -- COMMAND...: run the command unless it has succeeded with these very files.
stamped() {
  local name=$1 files=() stamp
  shift
  while [ "$1" != -- ]; do files+=("$1"); shift; done
  shift
  stamp=.venv/.stamp-$name-$(cat "${files[@]}" | sha256sum | cut -c1-16)
  [ -e "$stamp" ] && return 0
  "$@"
  rm -f .venv/.stamp-"$name"-*
  touch "$stamp"
}

check_python() {
  local found=${PYTHON:-python3}
  command -v "$found" >/dev/null || fail "no $found: install Python 3.11 or newer"
  "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$found is $("$found" -V 2>&1): Python 3.11 or newer is needed (PYTHON=/path/to/python make …)"
  "$found" -c 'import ensurepip' 2>/dev/null && return 0
  apt_install python3-venv && "$found" -c 'import ensurepip' 2>/dev/null \
    || fail "$found cannot make virtual environments: install the package python3-venv"
}

# A virtual environment knows its own path, so one that was copied along with the checkout is made anew.
venv_is_ours() {
  local made_for
  [ -f .venv/pyvenv.cfg ] && "$python" -c 'import pip' 2>/dev/null || return 1
  made_for=$(sed -n 's/^command = .* -m venv \(--clear \)\?//p' .venv/pyvenv.cfg)
  [ -z "$made_for" ] || [ "$made_for" -ef .venv ]
}

make_venv() {
  if venv_is_ours; then return 0; fi
  check_python
  say "making .venv with $("${PYTHON:-python3}" -V)"
  "${PYTHON:-python3}" -m venv --clear .venv || fail "could not make .venv"
}

install_packages() {
  local options=() file
  for file in "$@"; do options+=(-r "$file"); done
  say "installing Python packages ($*)"
  quietly "$python" -m pip install --no-input --disable-pip-version-check --no-cache-dir --only-binary :all: \
    --require-hashes "${options[@]}" || fail "pip could not install $* (all of it is in $log)"
}

# For PDF reports: Pango, and fonts that have emoji.
need_libraries() {
  local known
  known=$(/sbin/ldconfig -p 2>/dev/null || true)
  if [[ $known == *libpango-1.0.so* && $known == *libpangoft2-1.0.so* && $known == *libharfbuzz-subset.so* ]]; then return 0; fi
  apt_install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-color-emoji && return 0
  say "PDF reports stay off: install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-color-emoji"
}

need_npm() {
  command -v npm >/dev/null || stamped node requirements-node.txt -- install_packages requirements-node.txt
}

need_assets() {
  need_npm
  "$python" crm_web/ops/assets.py "$@"
}

# Catalogues are kept as text; what the application reads is made from them.
need_words() {
  local catalogues=(crm_web/translations/*/LC_MESSAGES/*.po)
  [ -e "${catalogues[0]}" ] || return 0
  stamped words "${catalogues[@]}" -- quietly .venv/bin/pybabel compile -d crm_web/translations
}

# Prints the path of a Chromium that starts. Ubuntu's own package is a stub for snap, hence the trial.
find_chromium() {
  local name path
  for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable; do
    path=$(command -v "$name") && "$path" --version >/dev/null 2>&1 && { printf '%s\n' "$path"; return 0; }
  done
  for path in .venv/browsers/chromium-*/chrome-linux*/chrome; do
    [ -x "$path" ] && "$path" --version >/dev/null 2>&1 && { printf '%s\n' "$PWD/$path"; return 0; }
  done
  return 1
}

install_chromium() {
  if ! apt-cache show chromium 2>/dev/null | grep -qi snap; then apt_install chromium fonts-noto-color-emoji && return 0; fi
  say "fetching a Chromium into .venv/browsers"
  PLAYWRIGHT_BROWSERS_PATH=.venv/browsers quietly "$python" -m playwright install --no-shell chromium
}

need_chromium() {
  local found
  if found=$(find_chromium) || { install_chromium && found=$(find_chromium); }; then
    printf '%s\n' "$found" >.venv/chromium
    return 0
  fi
  rm -f .venv/chromium
  [ "${CI:-0}" != 1 ] || fail "no Chromium, and CI=1 wants the browser tests: install the package chromium"
  say "no Chromium: the browser tests will be skipped (install the package chromium)"
}

packages=()
case "${1:-}" in
  run)
    make_venv
    stamped run requirements.txt requirements-embedded.txt -- install_packages requirements.txt requirements-embedded.txt
    ;;
  test)
    make_venv
    stamped run requirements.txt requirements-embedded.txt -- install_packages requirements.txt requirements-embedded.txt
    stamped dev requirements.txt requirements-dev.txt -- install_packages requirements.txt requirements-dev.txt
    need_chromium
    packages=(--dev)
    ;;
  *) fail "usage: $0 run|test" ;;
esac
need_libraries
need_assets "${packages[@]}"
need_words
