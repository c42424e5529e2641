-- rule: bundle-time-window
-- SPDX-License-Identifier: Apache-2.0
-- code: M17
-- title: The logs that were collected do not cover the time of the complaint
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-iis
-- applies: EXISTS (SELECT 1 FROM complaint WHERE "when" IS NOT NULL)
-- message: The failure is told to have been at {told|time}, and the logs of {machine} go from {first|time} to {last|time}: what happened then is not in them.
-- remedy: Reproduce the failure, then collect again; or collect with the logs of that day.
-- references: https://learn.microsoft.com/iis/manage/provisioning-and-managing-iis/configure-logging-in-iis
-- since: 1
SELECT l.machine, iso(c.told) AS subject, c.told, l.first, l.last, json_array(json_object('entry', l.entry, 'line', 1)) AS evidence
FROM (SELECT machine, min(first) AS first, max(last) AS last, max(entry) AS entry FROM log_file WHERE kind = 'iis' AND first IS NOT NULL GROUP BY machine) l
CROSS JOIN (SELECT "when" AS told, machine FROM complaint WHERE "when" IS NOT NULL) c ON c.machine = l.machine OR NOT EXISTS (SELECT 1 FROM machine m WHERE m.machine = c.machine AND m.is_server)
WHERE c.told < l.first - 3600000 OR c.told > l.last + 3600000
GROUP BY l.machine, c.told
ORDER BY l.machine, c.told
