#!/usr/bin/env bash
# Runs the real promptfoo on a project, with mock.mjs in place of the models and the judge.
#
#   run.sh PROJECT WRONG [FAILS]
#
# WRONG: of a hundred numbers, how many the candidate gets wrong. FAILS: the number at which it and the judge fail.
# LODE_PROMPTFOO: a folder in which `npm install promptfoo` was run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$1 wrong=$2 fails=${3:--1}
: "${LODE_PROMPTFOO:?a folder in which \`npm install promptfoo\` was run}"
cp "$here/mock.mjs" "$project/"
ln -sfn "$LODE_PROMPTFOO/node_modules" "$project/node_modules"
cat > "$project/models.json" <<JSON
{
  "today": {"provider": "file://mock.mjs", "config": {"behaves": "today", "tokens": 20}},
  "candidate": {"provider": "file://mock.mjs", "config": {"behaves": "candidate", "tokens": 30, "wrong": $wrong, "fails": $fails}},
  "judge": {"provider": "file://mock.mjs", "config": {"behaves": "judge", "fails": $fails}}
}
JSON
cd "$project"
export PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1
# promptfoo ends with 100 where a test failed; what counts is that it wrote its results.
npm run --silent eval > promptfoo.log 2>&1 || [ $? -eq 100 ]
test -s results.json
# The last of several runs is kept: that is how results.json here was made.
if [ -n "${LODE_SAVE_RESULTS:-}" ]; then cp results.json "$LODE_SAVE_RESULTS"; fi
