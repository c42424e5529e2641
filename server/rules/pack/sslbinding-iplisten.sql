-- rule: sslbinding-iplisten
-- SPDX-License-Identifier: Apache-2.0
-- code: D19
-- title: http.sys listens on some addresses only, and not on that of the site
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http
-- message: ListenOnlyList is {list}, and site "{site}" is bound to {ip}:{port} ({entry}:{line}), which is not in it: connections there are
--   refused.
-- confirm: The list must be without the address, and a connection to it be refused. An empty list refutes it.
--   $ netsh http show iplisten
-- remedy: Add the address, or empty the list so that http.sys listens everywhere.
--
--   $ netsh http show iplisten
--   $ netsh http add iplisten ipaddress={ip|netsh}
--   undo: $ netsh http delete iplisten ipaddress={ip|netsh}
-- interrupts: Service is not interrupted; the list counts for new listeners.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.information AS subject, b.ip, b.port, b.entry, b.line, replace(v.data, char(10), ', ') AS list,
  json_array(json_object('key', v.key, 'name', v.name, 'value', replace(v.data, char(10), ', ')), json_object('entry', b.entry, 'line', b.line, 'excerpt', b.information)) AS evidence
FROM registry_value v CROSS JOIN binding b ON b.machine = v.machine
WHERE lower(v.name) = 'listenonlylist' AND lower(v.key) = 'hklm\system\currentcontrolset\services\http\parameters' AND b.protocol = 'https' AND coalesce(v.data, '') <> '' AND b.ip NOT IN ('0.0.0.0', '*', '[::]', '') AND instr(char(10) || v.data || char(10), char(10) || replace(replace(b.ip, '[', ''), ']', '') || char(10)) = 0
  AND instr(char(10) || v.data || char(10), char(10) || '0.0.0.0' || char(10)) = 0 AND instr(char(10) || v.data || char(10), char(10) || b.ip || char(10)) = 0
ORDER BY b.machine, b.site, b.information
