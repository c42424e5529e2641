-- rule: sslbinding-os-unsupported-flag
-- SPDX-License-Identifier: Apache-2.0
-- code: D20
-- title: A binding of IIS has a flag that this Windows does not know
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-system
-- message: The binding {information} of site "{site}" ({entry}:{line}) has sslFlags {flags}, but {windows} does not know {bits}: that has
--   no effect there.
-- confirm: The record of http.sys must be without what the flag stands for.
--   $ netsh http show sslcert
-- remedy: Set what is meant on the http.sys record with netsh instead.
-- references: https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/bindings/binding
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.information AS subject, b.information, b.entry, b.line, b.ssl_flags AS flags, coalesce(m.windows, 'this Windows') AS windows,
  group_concat(x.bit || ' (' || x.name || ')', ', ') AS bits,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', 'sslFlags="' || b.ssl_flags || '"')) AS evidence
FROM binding b JOIN machine m ON m.machine = b.machine
JOIN windows_default d ON d.machine = b.machine AND d.name = 'binding sslFlags'
JOIN binding_flag x ON x.machine = b.machine AND x.site = b.site AND x.information = b.information AND x.bit & ~d.value
WHERE b.protocol = 'https'
GROUP BY b.machine, b.site, b.information
ORDER BY b.machine, b.site, b.information
