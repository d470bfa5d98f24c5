#!/usr/bin/env bash
# Makes folder $1 a Python environment with all that the tests here need, the mail tests of crates/connect, and the judge of
# audit logs in crates/server.
set -euo pipefail
dir=${1:?usage: venv.sh DIR}
pins=(Django==5.2.19 djangorestframework==3.18.3 "psycopg[binary]==3.3.9" aiosmtpd==1.4.6 cryptography==50.0.2)
stamp="$dir/.pins"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "${pins[*]}" ]; then exit 0; fi
python3 -m venv "$dir"
"$dir/bin/pip" install --quiet --disable-pip-version-check "${pins[@]}"
printf '%s' "${pins[*]}" > "$stamp"
