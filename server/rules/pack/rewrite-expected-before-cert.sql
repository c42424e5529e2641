-- rule: rewrite-expected-before-cert
-- SPDX-License-Identifier: Apache-2.0
-- code: A21
-- title: Redirects do not reach clients without a certificate
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 403.7.*
-- strength: may
-- message: "{path}" requires a certificate (sslFlags "{ssl_flags}"), and {what} ({entry}:{line}). IIS checks for the certificate before any redirect
--   or rewrite: who has none is answered with 403.7, and never sent elsewhere.
-- remedy: Where clients without a certificate are to see a page, give them one of that status, at a path that does not require a certificate.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/httpErrors /+"[statusCode='403',subStatusCode='7',path='/nocert.htm',responseMode='ExecuteURL']"
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/httpErrors /-"[statusCode='403',subStatusCode='7']"
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/httperrors/ https://learn.microsoft.com/iis/extensions/url-rewrite-module/url-rewrite-module-configuration-reference
-- since: 1
WITH sent AS NOT MATERIALIZED (
  SELECT machine, path, 'requests there are redirected (httpRedirect)' AS what, entry, line FROM effective_config
    WHERE section = 'system.webServer/httpRedirect' AND attribute = 'enabled' AND value = 'true' AND broken = 0
  UNION ALL
  SELECT i.machine, i.path, 'rewrite rules stand there ("' || min(i.value) || '" and ' || (count(*) - 1) || ' more)', i.entry, min(i.line) FROM path_item i
    WHERE i.section = 'system.webServer/rewrite/rules' AND i.attribute = 'name' GROUP BY i.machine, i.path)
SELECT w.machine, w.site, w.path, w.path AS subject, w.ssl_flags, min(s.what) AS what, s.entry, s.line,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"'), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM sent s CROSS JOIN cert_wanted w ON w.machine = s.machine AND w.path = s.path
WHERE w.requires AND EXISTS (SELECT 1 FROM symptom y WHERE y.machine = w.machine AND y.site = w.site AND y.status = 403 AND y.substatus = 7)
  -- an inherited redirect is told of once
  AND NOT EXISTS (SELECT 1 FROM cert_wanted u JOIN sent v ON v.machine = u.machine AND v.path = u.path WHERE u.machine = w.machine AND u.requires
    AND v.entry = s.entry AND v.line = s.line AND length(u.path) < length(w.path) AND lower(substr(w.path, 1, length(u.path) + 1)) = lower(u.path) || '/')
GROUP BY w.machine, w.path
ORDER BY w.machine, w.path
