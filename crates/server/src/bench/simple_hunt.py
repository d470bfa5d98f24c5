"""A simple hunt in DuckDB, for comparison: each account's first 80 % of events are its profile, and the rest is scored by
how rare its application, network, domain and hour are in it (COMPA's score of a value: 1 where it is new, 0 where it is at
least as frequent as the average, else 1 - count / total). Prints one JSON object."""

import json
import sys
import time

import duckdb

HUNT = """
WITH e AS (
  SELECT account, percent_rank() OVER (PARTITION BY account ORDER BY time, id) > 0.8 AS late,
    coalesce(app, '') AS app, coalesce(regexp_replace(ip, '[.:][^.:]*$', ''), '') AS network,
    coalesce(regexp_extract(urls[1], '^[a-z]+://([^/]*)', 1), '') AS domain,
    (time // 3600000 % 24)::VARCHAR AS hour
  FROM read_parquet($files)),
f AS (UNPIVOT e ON app, network, domain, hour INTO NAME feature VALUE value),
seen AS (
  SELECT account, feature, value, count(*) AS n FROM f WHERE NOT late GROUP BY ALL),
profile AS (
  SELECT account, feature, sum(n) AS total, avg(n) AS mean FROM seen GROUP BY ALL),
score AS (
  SELECT f.account, avg(CASE WHEN seen.n IS NULL THEN 1 WHEN seen.n >= mean THEN 0 ELSE 1 - seen.n / total END) AS odd
  FROM f JOIN profile USING (account, feature) LEFT JOIN seen USING (account, feature, value)
  WHERE late GROUP BY f.account)
SELECT count(*), count(*) FILTER (odd > 0.5), sum(odd) FROM score
"""

threads, files = int(sys.argv[1]), sys.argv[2:]
connection = duckdb.connect(config={"threads": threads})
began = time.perf_counter()
accounts, odd, total = connection.execute(HUNT, {"files": files}).fetchone()
seconds = time.perf_counter() - began
print(json.dumps({"version": duckdb.__version__, "seconds": seconds, "accounts": accounts, "odd": odd, "sum": total}))
