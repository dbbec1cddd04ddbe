# Installs the programs through which some tests look, once `packaging/setup.sh` has passed.
# Sourced by tests/run. What cannot be installed here is named in one sentence; its tests are skipped.
# Starts no service: of prometheus, promtool alone is unpacked, and nothing else here comes with one.
# shellcheck shell=bash

note() {
    printf 'set-up for tests: %s\n' "$1" >&2
}

there() {
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1
}

# Debian packages whose programs are missing here, one a line; sherpa's compilers only while it is to be built.
missing_test_packages() {
    there lintian || echo lintian
    there chromium || echo chromium
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || echo fonts-dejavu-core
    there man || echo man-db
    there openssl || echo openssl
    { there systemd-analyze && [ -x /lib/systemd/systemd ]; } || echo systemd
    { there unshare && there nsenter && there setpriv; } || echo util-linux
    readers_are_built || missing_compilers
}

missing_compilers() {
    { there cc && there c++ && there make; } || echo build-essential
    local program
    for program in gfortran bison flex byacc pkg-config; do
        there "$program" || echo "$program"
    done
    { there pkg-config && pkg-config --exists fftw3; } || echo libfftw3-dev
    [ -e "$("$checkout/.venv/bin/python" -c \
        'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || echo python3.11-dev
}

install_test_packages() {
    local missing
    missing=$(missing_test_packages | tr '\n' ' ')
    missing=${missing% }
    [ -n "$missing" ] || return 0
    note "installing Debian packages: $missing"
    # shellcheck disable=SC2086  # a list of words
    { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 && return 0
    note "not installable here, so their tests are skipped: $missing (ask an administrator: apt-get install $missing). $(reason)"
}

# The package would start a server: it is downloaded, and promtool taken out of it.
unpack_promtool() {
    local folder
    ! there promtool && [ ! -x "$checkout/.venv/bin/promtool" ] || return 0
    note 'unpacking promtool from the Debian package prometheus (once)'
    folder=$(mktemp -d)
    if (cd -- "$folder" && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .) >"$log" 2>&1; then
        # Whole or not at all, also beside another run.
        mv -- "$folder/usr/bin/promtool" "$checkout/.venv/bin/promtool"
    else
        note "promtool cannot be downloaded here, so its test is skipped (Debian package prometheus). $(reason)"
    fi
    rm -rf -- "$folder"
}

readers_are_built() {
    [ "$(cat "$checkout/.venv/.readers" 2>/dev/null)" = "$readers" ]
}

# Other readers of our files: sherpa, which comes as source only, gdt-core, stingray and threeML.
build_readers() {
    ! readers_are_built || return 0
    if [ -n "$(missing_compilers)" ]; then
        note 'sherpa cannot be built without compilers, so tests of it, gdt-core, stingray and threeML are skipped'
        return 0
    fi
    note 'building sherpa and installing gdt-core, stingray and threeML from the locked requirements (once, about 3 minutes)'
    if "$checkout/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --retries 1 --require-hashes --requirement "$checkout/packaging/requirements-readers.lock" \
        >"$log" 2>&1; then
        printf '%s' "$readers" >"$checkout/.venv/.readers"
    else
        note "sherpa cannot be built here, so tests of it, gdt-core, stingray and threeML are skipped. $(reason)"
    fi
}

# The last thing that a command said before it failed.
reason() {
    local said
    said=$(grep -E '^(E:|ERROR:|sudo:)' "$log" | tail -n 1 || true)
    printf 'The reason: %s' "${said:-neither root nor sudo is at hand}"
}

readers=$(sha256sum <"$checkout/packaging/requirements-readers.lock")
log=$(mktemp)
exec 9>"$checkout/.setup.lock"
flock 9
install_test_packages
unpack_promtool
build_readers
exec 9>&-
rm -f -- "$log"
unset log readers
