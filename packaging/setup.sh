# Prepares a checkout: installs missing Debian packages, then makes `.venv/` from the locked requirements.
# Sourced by testbench/run and tests/run after they set `checkout`; needs no network once it has passed.
# shellcheck shell=bash

fail() {
    printf 'set-up: %s\n' "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        return 1
    fi
}

# Prints the Debian packages that are missing on this machine, one per line.
missing_packages() {
    local python
    python=$(PATH="/usr/bin:$PATH" command -v python3.11 || true)
    if [ -z "$python" ]; then
        printf 'python3.11\npython3.11-venv\n'
    elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        printf 'python3.11-venv\n'
    fi
    if ! PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mariadbd >/dev/null 2>&1 ||
        ! [ -r /usr/share/mysql/mysql_system_tables.sql ]; then
        printf 'mariadb-server-core\n'
    fi
}

install_packages() {
    local missing
    missing=$(missing_packages | tr '\n' ' ')
    missing=${missing% }
    [ -n "$missing" ] || return 0
    printf 'set-up: installing Debian packages: %s\n' "$missing" >&2
    # shellcheck disable=SC2086  # a list that must be split
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing; } >&2; then
        fail "cannot install the missing packages $missing (ask an administrator: apt-get install $missing)"
    fi
    missing=$(missing_packages | tr '\n' ' ')
    [ -z "$missing" ] || fail "still missing after apt-get install: $missing"
}

make_environment() {
    local python venv wanted
    venv=$checkout/.venv
    python=$(PATH="/usr/bin:$PATH" command -v python3.11)
    wanted=$(sha256sum <"$checkout/packaging/requirements-test.lock")
    wanted="$wanted $("$python" -V) $checkout"
    [ "$(cat "$venv/.complete" 2>/dev/null)" != "$wanted" ] || return 0
    printf 'set-up: making %s from the locked requirements (once)\n' "$venv" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv" || fail "cannot make a virtual environment with $python"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement "$checkout/packaging/requirements-test.lock" >&2 ||
        fail "the locked requirements could not be installed (is the package index reachable?)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --no-deps --no-build-isolation --editable "$checkout" >&2 ||
        fail "eclgrmd itself could not be installed into $venv"
    printf 'set-up: compiling the numerics and testing them on a known burst (once)\n' >&2
    "$venv/bin/eclgrmd" selftest >&2 || fail "the self-test failed: see the values above"
    printf '%s' "$wanted" >"$venv/.complete"
}

install_packages
exec 9>"$checkout/.setup.lock"
flock 9
make_environment
exec 9>&-
