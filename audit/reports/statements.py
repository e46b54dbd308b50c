"""What the report asks of the views. `$run` is the last run."""

from audit.query.names import framework_of

SHARES = """
SELECT {key} AS key, {title} AS title,
       count(*) FILTER (status = 'fail') AS n_fail, count(*) FILTER (status = 'unknown') AS n_unknown,
       count(*) FILTER (status = 'waived') AS n_waived, count(*) FILTER (status = 'pass') AS n_pass,
       count(*) FILTER (status = 'not_applicable') AS n_not_applicable,
       count(DISTINCT (intent, account_id, region, resource_type, resource_id)) FILTER (status = 'fail') AS intents,
       count(DISTINCT (source, control_id, account_id, region)) FILTER (source <> 'waivers') AS expected_cells,
       count(DISTINCT (source, control_id, account_id, region)) FILTER (source <> 'waivers' AND observed)
         AS observed_cells
FROM {rows} GROUP BY 1 ORDER BY n_fail DESC, n_unknown DESC, key
"""
BY_FRAMEWORK = f"""
(SELECT *, unnest(list_distinct(list_transform(frameworks, lambda x: {framework_of("x")}))) AS framework FROM findings)
"""  # noqa: S608 - our own words
UNSEEN = """
SELECT c.source, c.account_id, a.name, c.team, c.ou, c.region, c.expected - c.observed AS missing_cells, c.reason
FROM coverage c LEFT JOIN accounts a USING (account_id)
WHERE c.run_id = $run AND c.observed < c.expected
ORDER BY missing_cells DESC, c.account_id, c.region, c.source
"""
UNCHECKED = """
SELECT source, reason, count(*) AS findings, count(DISTINCT control_id) AS controls
FROM findings WHERE status = 'unknown' AND observed GROUP BY ALL ORDER BY findings DESC, reason
"""
FIXES = """
SELECT source, title, any_value(severity) AS severity, list_sort(list(DISTINCT control_id)) AS controls,
       count(*) AS findings, count(DISTINCT account_id) AS accounts,
       list_sort(list(DISTINCT coalesce(team, 'platform'))) AS teams, min(resource_id) AS example
FROM findings WHERE status = 'fail' GROUP BY source, title
ORDER BY findings DESC, list_position(['critical', 'high', 'medium', 'low', 'unrated'], any_value(severity)), title
LIMIT 10
"""
CHANGES = """
SELECT finding_id, control_id, title, severity, from_status, status, account_id, team, region, resource_id, reason
FROM transitions
WHERE run_id = $run
  AND (status = 'fail' OR from_status = 'fail' OR (from_status IS NOT NULL AND status = 'unknown'))
ORDER BY status <> 'fail', control_id, account_id, region, resource_id LIMIT 50
"""
CHANGED = """
SELECT count(*) FILTER (status = 'fail') AS began,
       count(*) FILTER (from_status = 'fail' AND status <> 'unknown') AS mended,
       count(*) FILTER (from_status IS NOT NULL AND status = 'unknown') AS lost
FROM transitions WHERE run_id = $run
"""
BEYOND = """
SELECT team, source, title, any_value(severity) AS severity, count(*) AS findings,
       count(DISTINCT account_id) AS accounts
FROM findings
WHERE status = 'fail' AND team IS NOT NULL AND source IN ('control-tower', 'organizations', 'baseline')
GROUP BY team, source, title ORDER BY findings DESC, team, title LIMIT 50
"""
ENDING = """
SELECT w.id, w.control_id, w.reason, w.ticket, w.owner, w.team, w.account_id, w.expires_at,
       count(f.finding_id) AS findings
FROM waivers w LEFT JOIN findings f ON f.waiver_id = w.id
WHERE w.state = 'active' AND w.expires_at <= now() + to_days($days)
GROUP BY ALL ORDER BY w.expires_at, w.id
"""
MENDING_DAYS = 90
MENDED = f"""
WITH changes AS (
  SELECT finding_id, severity, status, observed_at,
         lag(status) OVER (PARTITION BY finding_id ORDER BY observed_at, valid_at) AS before
  FROM transitions WHERE status <> 'unknown' AND observed_at >= now() - to_days({MENDING_DAYS})
), ends AS (
  SELECT finding_id, severity, status, observed_at,
         lead(observed_at) OVER (PARTITION BY finding_id ORDER BY observed_at) AS mended_at
  FROM changes WHERE before IS NULL OR before <> status
)
SELECT severity, count(*) AS mended,
       median(date_diff('second', observed_at, mended_at)) / 3600 AS median_hours,
       quantile_cont(date_diff('second', observed_at, mended_at), 0.9) / 3600 AS p90_hours
FROM ends WHERE status = 'fail' AND mended_at IS NOT NULL
GROUP BY severity
"""  # noqa: S608 - our own words
OPEN = """
SELECT severity, count(*) AS open, max(date_diff('second', changed_at, now())) / 86400 AS oldest_days
FROM findings WHERE status = 'fail' GROUP BY severity
"""
