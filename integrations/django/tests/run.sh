#!/usr/bin/env bash
# Runs the app's own tests in the Python environment $1 (made by venv.sh).
set -euo pipefail
venv=${1:?usage: run.sh VENV}
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
exec "$venv/bin/python" -m django test tests --settings tests.site.settings --pythonpath .
