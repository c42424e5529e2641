-- rule: sslbinding-no-sni-fallback
-- SPDX-License-Identifier: Apache-2.0
-- code: D07
-- title: A client that sends no host name finds another binding, or none
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: Site "{site}" is served by host name only ({endpoint}). A client, probe or proxy that sends no server name gets {fallback}.
-- remedy: Where such clients exist, add a record for 0.0.0.0:{port} with the same settings; else nothing needs to be done.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, b.port,
  coalesce('the record ' || f.endpoint || ', which does not negotiate client certificates', 'no record: the connection is reset') AS fallback,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint)) AS evidence
FROM effective_binding b LEFT JOIN ssl_binding f ON f.machine = b.machine AND f.tree = 'ip' AND f.port = b.port AND f.ip IN ('0.0.0.0', '[::]')
WHERE b.tree = 'sni' AND (f.endpoint IS NULL OR (f.negotiate = 0 AND b.negotiate))
  AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
GROUP BY b.machine, b.site, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
