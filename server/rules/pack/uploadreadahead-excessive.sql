-- rule: uploadreadahead-excessive
-- SPDX-License-Identifier: Apache-2.0
-- code: E03
-- title: uploadReadAheadSize is so large that one request can fill the memory
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- tags: security
-- message: "{path}" has uploadReadAheadSize {value} ({entry}:{line}): that much is read into memory before the certificate is asked for. It
--   is not needed where the binding negotiates in the first handshake.
-- confirm: The value that holds must be that one.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/serverRuntime
-- remedy: Set it back once the binding negotiates client certificates.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/serverRuntime /uploadReadAheadSize:49152 /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/serverRuntime /uploadReadAheadSize:{value|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/serverruntime
-- since: 1
SELECT c.machine, c.site, c.path, c.path AS subject, c.value, c.entry, c.line, json_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', 'uploadReadAheadSize="' || c.value || '"')) AS evidence
FROM effective_config c
WHERE c.broken = 0 AND c.section = 'system.webServer/serverRuntime' AND c.attribute = 'uploadReadAheadSize' AND CAST(c.value AS INTEGER) > 10485760 AND c.entry IS NOT NULL
  AND (c.path = c.site OR c.origin IN ('location', 'own'))
ORDER BY c.machine, c.path
