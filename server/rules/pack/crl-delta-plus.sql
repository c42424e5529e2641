-- rule: crl-delta-plus
-- SPDX-License-Identifier: Apache-2.0
-- code: G14
-- title: IIS refuses to serve the delta list of a CA: its name contains +
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- uses: server/log-iis
-- explains: 404.11.*
-- message: "{path}" on {machine} serves {url}, and request filtering refuses names with a second escape (allowDoubleEscaping false): the delta list, whose name ends with +.crl, is
--   answered with 404.11, and whoever checks revocation takes the delta for unreachable.
--   The log has {refused} such answer(s) there.
-- confirm: From the server that refuses: the delta list must be answered with 404.
--   $ certutil -URL {url|cmd}
-- remedy: Allow it at that path only.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/requestFiltering /allowDoubleEscaping:true
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/requestFiltering /allowDoubleEscaping:false
-- interrupts: The application is recycled.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/requestfiltering/ https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH list AS ( -- http addresses of lists: host and path
  SELECT DISTINCT url, lower(substr(url, 8, instr(substr(url, 8) || '/', '/') - 1)) AS host, lower(substr(substr(url, 8), instr(substr(url, 8) || '/', '/'))) AS file
  FROM certificate_url WHERE kind = 'cdp' AND url LIKE 'http://%'),
served AS (
  SELECT e.machine, e.site, e.path, l.url, e.entry, e.line, b.entry AS binding_entry, b.line AS binding_line,
    (SELECT sum(k.count) FROM request_count k WHERE k.machine = e.machine AND k.site = e.site AND k.status = 404 AND k.substatus = 11) AS refused,
    EXISTS (SELECT 1 FROM store_crl d WHERE d.is_delta) AS delta,
    row_number() OVER (PARTITION BY e.machine, e.site, l.url ORDER BY length(e.path) DESC) AS nth
  FROM binding b CROSS JOIN list l ON lower(b.host) = l.host AND b.protocol = 'http' AND b.port = 80
  CROSS JOIN effective_config e ON e.machine = b.machine AND e.site = b.site AND e.section = 'system.webServer/security/requestFiltering' AND e.attribute = 'allowDoubleEscaping'
    AND substr(l.file || '/', 1, length(e.path) - length(e.site) + 1) = lower(substr(e.path, length(e.site) + 1)) || '/'
  WHERE e.value = 'false'),
concerned AS ( -- machines for which the below can say anything
  SELECT m.machine FROM machine m WHERE EXISTS (SELECT 1 FROM store_crl WHERE is_delta)
    OR EXISTS (SELECT 1 FROM request_count k WHERE k.machine = m.machine AND k.status = 404 AND k.substatus = 11))
SELECT s.machine, s.site, s.path, s.path || ' ' || min(url) AS subject, min(url) AS url, refused, iif(refused > 0, 'seen', 'may') AS strength,
  json_array(json_object('entry', entry, 'line', line, 'excerpt', 'allowDoubleEscaping'), json_object('entry', binding_entry, 'line', binding_line)) AS evidence
FROM concerned m CROSS JOIN served s ON s.machine = m.machine
WHERE s.nth = 1 AND (s.refused > 0 OR s.delta)
GROUP BY s.machine, s.site, s.path
ORDER BY s.machine, s.site, s.path
