-- rule: freb-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: M13
-- title: Failed request tracing is off where certificates are refused
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/log-iis
-- uses: server/log-freb
-- message: Site "{site}" had {n} request(s) refused, and failed request tracing is not switched on: which module refused them, and why, is in
--   no trace.
-- remedy: Switch it on for these statuses while the problem is looked for.
--
--   $ %windir%\system32\inetsrv\appcmd configure trace {site|cmd} /enablesite
--   $ %windir%\system32\inetsrv\appcmd configure trace {site|cmd} /enable /path:* /statuscodes:"403,500,401"
--   undo: $ %windir%\system32\inetsrv\appcmd configure trace {site|cmd} /disable /path:*
--   undo: $ %windir%\system32\inetsrv\appcmd configure trace {site|cmd} /disablesite
-- interrupts: Tracing costs a little of every request that it traces.
-- references: https://learn.microsoft.com/iis/troubleshoot/using-failed-request-tracing/troubleshooting-failed-requests-using-tracing-in-iis
-- since: 1
SELECT s.machine, s.site, s.site AS subject, sum(y.count) AS n, json_array(json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM site s JOIN symptom y ON y.machine = s.machine AND y.site = s.site AND y.status IN (403, 500) AND NOT (y.status = 403 AND y.substatus = 0)
WHERE coalesce(s.freb_enabled, 0) = 0 AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.machine = s.machine AND t.site = s.site)
GROUP BY s.machine, s.site
ORDER BY s.machine, s.site
