-- rule: iismap-user-ntfs
-- SPDX-License-Identifier: Apache-2.0
-- code: B19
-- title: The mapped account may not read the files
-- severity: error
-- confidence: P
-- role: server
-- needs: server/log-iis server/iis-config
-- explains: 401.3.*
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 401.3 (access denied by the ACL of a file): the certificate was mapped, and the account
--   may not read {folder}.
-- confirm: The list of rights must give the mapped account (and no group of it) nothing; a failed-request trace names the file.
--   $ icacls {folder|cmd}
-- remedy: Let the account read the content.
--
--   $ icacls {folder|cmd} /grant "<domain\account>:(OI)(CI)RX"
--   undo: $ icacls {folder|cmd} /remove:g "<domain\account>"
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  -- a path that takes names and passwords as well has such answers of its own
  iif(EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = s.machine AND o.path = coalesce(s.place, s.site) AND o.attribute = 'enabled' AND lower(o.value) = 'true'
    AND o.section IN ('system.webServer/security/authentication/windowsAuthentication', 'system.webServer/security/authentication/basicAuthentication',
      'system.webServer/security/authentication/digestAuthentication')), 'warning', NULL) AS severity,
  iif(EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = s.machine AND o.path = coalesce(s.place, s.site) AND o.attribute = 'enabled' AND lower(o.value) = 'true'
    AND o.section IN ('system.webServer/security/authentication/windowsAuthentication', 'system.webServer/security/authentication/basicAuthentication',
      'system.webServer/security/authentication/digestAuthentication')), 'may', NULL) AS strength,
  coalesce((SELECT v.physical_path FROM virtual_directory v WHERE v.machine = s.machine AND v.site = s.site
    AND (lower(v.path) = lower(coalesce(s.place, s.site)) OR lower(substr(s.place, 1, length(v.path) + 1)) = lower(v.path) || '/') ORDER BY length(v.path) DESC LIMIT 1), '<folder>') AS folder,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 401 AND s.substatus = 3 AND s.win32 IN (5, 2147942405) AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = s.machine AND p.path = coalesce(s.place, s.site) AND p.iis_mapping)
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
