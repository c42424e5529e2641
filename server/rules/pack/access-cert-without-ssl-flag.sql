-- rule: access-cert-without-ssl-flag
-- SPDX-License-Identifier: Apache-2.0
-- code: A04
-- title: A path wants a client certificate and can be asked over plain http
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- message: "{path}" has sslFlags "{ssl_flags}" ({entry}:{line}) without "Ssl", and site "{site}" has the http binding {http}: {result}.
-- confirm: A request over http must reach the path: 403.7 where a certificate is required, the page where it is only accepted. Refuted when it ends with 403.4 or is not answered.
--   $ curl.exe -v http://<host>/<path>
-- remedy: Require TLS for this path as well.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{wanted|cmd} /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{former|cmd} /commit:apphost
--
--   {accept_note}
-- interrupts: The application is restarted; http requests are answered with 403.4 from then on.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT w.machine, w.site, w.path, w.path AS subject, w.ssl_flags, w.ssl_flags_entry AS entry, w.ssl_flags_line AS line, min(b.information) AS http,
  iif(w.requires, 'a client that uses http is refused with 403.7, and no certificate can ever help it',
    'over http the content is given out without any certificate') AS result,
  iif(w.requires, NULL, 'info') AS severity, -- who needs no certificate over https needs none over http: Exchange has it so from the first
  iif(w.requires, 'Ssl,' || replace(w.ssl_flags, ' ', ''), NULL) AS wanted, iif(w.requires, w.ssl_flags, NULL) AS former,
  iif(w.requires, NULL, 'Add Ssl to the flags of that path, in one change with what access-accept-only says of them.') AS accept_note,
  (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.ssl_flags_entry) AS changed,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"'),
    json_object('entry', b.entry, 'line', b.line, 'excerpt', b.information)) AS evidence
FROM cert_wanted w JOIN binding b ON b.machine = w.machine AND b.site = w.site AND b.protocol = 'http'
WHERE (w.negotiates OR w.requires) AND NOT w.requires_ssl AND (w.path = w.site OR w.ssl_flags_origin IN ('location', 'own'))
GROUP BY w.machine, w.path
ORDER BY w.machine, w.path
