# packages.sh: installs the Debian packages that a task needs; says which, and does nothing when all are there. Sourced.

# need_packages WORD PACKAGE...: WORD says what for.
need_packages() {
    what=$1
    shift
    missing=
    for p in "$@"; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    [ -n "$missing" ] || return 0
    echo "Installing for $what:$missing"
    if [ "$(id -u)" -eq 0 ]; then root=; else root=sudo; fi
    export DEBIAN_FRONTEND=noninteractive
    $root apt-get update -qq
    # shellcheck disable=SC2086
    $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

BUILD_PACKAGES="gcc libc6-dev make pkg-config libsodium-dev libpcre2-dev"
TEST_PACKAGES="clang clang-format lld llvm libclang-rt-14-dev wasi-libc libclang-rt-14-dev-wasm32 valgrind python3 libcjson-dev mandoc"
