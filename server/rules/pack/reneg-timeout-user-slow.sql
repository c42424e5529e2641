-- rule: reneg-timeout-user-slow
-- SPDX-License-Identifier: Apache-2.0
-- code: E13
-- title: The late request for a certificate ran into a time-out: a dialog or a PIN was left waiting
-- severity: info
-- confidence: P
-- role: server
-- needs: server/log-httperr
-- uses: server/iis-config
-- explains: 500.0.64 500.0.995
-- strength: seen
-- message: HTTPERR names Timer_SslRenegotiation {count} time(s), the last at {last|time}: the client was asked for a certificate after the handshake and did not answer before the
--   connection's time was up, as when the dialog that lets a user choose, or the PIN of a smart card, stays open.
-- remedy: Let http.sys ask in the first handshake (see sslbinding-negotiate-missing). Where users need longer, raise the connection time-out.
--
--   $ %windir%\system32\inetsrv\appcmd set config -section:system.applicationHost/webLimits /connectionTimeout:00:05:00 /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd clear config -section:system.applicationHost/webLimits /connectionTimeout /commit:apphost
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis https://learn.microsoft.com/iis/configuration/system.applicationhost/weblimits
-- since: 1
SELECT c.machine, s.site, coalesce(s.site, 'http.sys') || ' Timer_SslRenegotiation' AS subject, sum(c.count) AS count, max(c.last) AS last,
  (SELECT json_group_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.reason)) FROM (SELECT * FROM http_error e
    WHERE e.machine = c.machine AND e.reason = c.reason AND e.site_id IS c.site_id ORDER BY e.time DESC, e.entry, e.line LIMIT 3) e) AS evidence
FROM http_error_count c LEFT JOIN site s ON s.machine = c.machine AND s.id = c.site_id
WHERE c.reason = 'Timer_SslRenegotiation'
GROUP BY c.machine, s.site, c.site_id
ORDER BY c.machine, s.site
