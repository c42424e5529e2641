-- rule: access-ssl128-weak-cipher
-- SPDX-License-Identifier: Apache-2.0
-- code: A05
-- title: Ciphers of fewer than 128 bits are refused there, and clients came with such a cipher (403.5)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/log-iis
-- explains: 403.5.*
-- strength: seen
-- message: At "{path}" {total} request(s) ended with 403.5: sslFlags "{ssl_flags}" ({entry}:{line}) hold Ssl128, and the connection had a cipher
--   of fewer than 128 bits.
-- confirm: Event 36880 of Schannel (EventLogging 7) names the suite of each handshake: one of fewer than 128 bits at the time of a 403.5. Refuted when all have 128 or more.
-- remedy: Enable AES at the client and leave weak ciphers off at the server; then Ssl128 refuses nobody, and may be left out.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{without|cmd} /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, w.path, w.path AS subject, sum(s.count) AS total, w.ssl_flags, w.ssl_flags_entry AS entry, w.ssl_flags_line AS line,
  trim(replace(replace(', ' || w.ssl_flags || ',', ', Ssl128,', ','), ',,', ','), ', ') AS without,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s JOIN cert_wanted w ON w.machine = s.machine AND w.path = coalesce(s.place, s.site)
WHERE s.status = 403 AND s.substatus = 5 AND ',' || replace(lower(w.ssl_flags), ' ', '') || ',' LIKE '%,ssl128,%'
GROUP BY s.machine, w.path
ORDER BY s.machine, w.path
