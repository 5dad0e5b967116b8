#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image of the assignment (Ubuntu 22.04 or newer).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# npm only fetches Node 24 and the packages below, all by version and digest; setpriv and Perl shut a student's program in.
missing=()
command -v npm >/dev/null || missing+=(nodejs npm)
command -v setpriv >/dev/null || missing+=(util-linux)
[ -x /usr/bin/perl ] || missing+=(perl-base)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates "${missing[@]}"
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node_modules/.bin/node node_modules/@llm-ladder/grader/bin/ladder.mjs list >/dev/null
echo 'setup.sh: the autograder is installed'

# Hidden tests, references and the grader are for root alone.
chmod -R go-rwx .
