#!/bin/sh
# test_differential.sh: random treaties and records through the product and through the oracle, which shares no file
# with it; their answers must be the same lines. DIFF_N seeds (default 300), the first is DIFF_FIRST (default 1);
# DIFF_TREATY names a treaty's files (blank between) to feed with random statements instead, from DIFF_START on.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${B:-build}
if ! command -v python3 > /dev/null 2>&1; then
    echo "test_differential: skipped, no python3"
    exit 0
fi
if [ ! -x "$build/tests/tool_replay" ]; then
    echo "  FAILED: $build/tests/tool_replay is not built"
    echo "test_differential: 0 passed, 1 failed"
    exit 1
fi
set -- --tool "$build/tests/tool_replay" --keep "$build/diff" --first "${DIFF_FIRST:-1}" --count "${DIFF_N:-300}"
for file in ${DIFF_TREATY:-}; do
    set -- "$@" --treaty "$file"
done
PYTHONDONTWRITEBYTECODE=1 exec python3 tests/oracle/differ.py "$@" --start "${DIFF_START:-2011-02-05}"
