-- rule: reneg-keepalive-lost
-- SPDX-License-Identifier: Apache-2.0
-- code: E14
-- title: Connections are closed after each request, and each new one is asked for its certificate late
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: allowKeepAlive is false at "{path}", and {endpoint} asks for the certificate after the handshake: every request needs a connection of its own, a second handshake, and maybe a prompt.
-- remedy: Allow connections to be kept.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/httpProtocol /allowKeepAlive:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/httpProtocol /allowKeepAlive:false /commit:apphost
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/httpprotocol/
-- since: 1
SELECT c.machine, c.site, c.path, c.path AS subject, min(p.endpoint) AS endpoint,
  json_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', 'allowKeepAlive="false"'), json_object('entry', min(p.binding_entry), 'line', min(p.binding_line))) AS evidence
FROM effective_config c JOIN cert_place p ON p.machine = c.machine AND p.path = c.path AND p.negotiate = 0
WHERE c.section = 'system.webServer/httpProtocol' AND c.attribute = 'allowKeepAlive' AND lower(c.value) = 'false' AND c.entry IS NOT NULL
GROUP BY c.machine, c.site, c.path, c.entry, c.line
ORDER BY c.machine, c.path
