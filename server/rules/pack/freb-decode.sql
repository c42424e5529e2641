-- rule: freb-decode
-- SPDX-License-Identifier: Apache-2.0
-- code: M11
-- title: Failed request traces name the module that refused
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-freb
-- message: The trace {entry} of {url}: {module} at {notification} set {status}.{substatus}, error {hex}{text}.
-- remedy: This is a symptom: IIS Web Core at BEGIN_REQUEST is the check of TLS and certificate, a mapping module at AUTHENTICATE_REQUEST is
--   the mapping.
-- references: https://learn.microsoft.com/iis/troubleshoot/using-failed-request-tracing/troubleshooting-failed-requests-using-tracing-in-iis
-- since: 1
SELECT e.machine, t.site, e.entry AS subject, e.entry, coalesce(t.url, '?') AS url, coalesce(e.module, '?') AS module, coalesce(e.notification, '?') AS notification, e.status, coalesce(e.substatus, 0) AS substatus, hex32(e.error_code) AS hex,
  coalesce(' (' || e.error_text || ')', '') AS text, json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.name)) AS evidence
FROM trace_event e JOIN trace t ON t.machine = e.machine AND t.entry = e.entry
WHERE e.name = 'MODULE_SET_RESPONSE_ERROR_STATUS' AND (e.status = 401 OR e.status = 403 OR e.status = 413 OR e.status = 500)
GROUP BY e.machine, e.entry
ORDER BY e.machine, e.entry
