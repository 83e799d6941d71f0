#!/usr/bin/env bash
# Makes pages of lode and opens them in headless Chromium. Described in tests/browser/README.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
pages=target/pages
mkdir -p "$pages"
cargo run --locked --quiet --bin lode -- report testdata/estate --as-of 2026-11-05 --format html -o "$pages/estate.html"
cargo run --locked --quiet --bin lode -- report testdata/estate --as-of 2026-11-05 --format json -o "$pages/estate.json"
cargo run --locked --quiet --bin lode -- report testdata/exports/day-one --as-of 2026-11-05 --format html -o "$pages/bill-only.html"
cargo run --locked --quiet --example pages -- "$pages"
cd tests/browser
npm ci --silent
LODE_PAGES="../../$pages" node --test report.test.mjs
