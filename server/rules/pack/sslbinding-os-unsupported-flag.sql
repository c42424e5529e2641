-- rule: sslbinding-os-unsupported-flag
-- SPDX-License-Identifier: Apache-2.0
-- code: D20
-- title: A binding of IIS has a flag that this Windows does not know
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-system
-- message: The binding {information} of site "{site}" ({entry}:{line}) has sslFlags {flags}, but {windows} does not know {bit}: it has no
--   effect there.
-- remedy: Set what is meant on the http.sys record with netsh instead.
-- references: https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/bindings/binding
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.information AS subject, b.information, b.entry, b.line, b.ssl_flags AS flags, coalesce(m.windows, 'this Windows') AS windows,
  CASE WHEN b.ssl_flags & 128 AND m.build < 26100 THEN '128 (negotiate the client certificate)' WHEN b.ssl_flags & 32 AND m.build < 20348 THEN '32 (no QUIC)' ELSE '1 (SNI) or 2 (central certificates)' END AS bit,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', 'sslFlags="' || b.ssl_flags || '"')) AS evidence
FROM binding b JOIN machine m ON m.machine = b.machine
WHERE b.protocol = 'https' AND ((b.ssl_flags & 128 AND m.build < 26100) OR (b.ssl_flags & 3 AND m.build < 9200))
ORDER BY b.machine, b.site, b.information
