-- rule: ie-enhanced-security-or-zone-mismatch
-- SPDX-License-Identifier: Apache-2.0
-- code: J03
-- title: Enhanced Security Configuration puts the site into another zone than was meant
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/reg-client
-- explains: 403.7.*
-- message: For {user_text} Enhanced Security Configuration is on (IEHarden 1), and {host} is assigned to zone {zone} ({zone_name}) in ZoneMap\{list} only: then
--   ZoneMap\{esc_list} counts, where it does not stand, and the site falls into the zone Internet or Restricted sites with their settings for certificates.
-- confirm: File, Properties of the page in Internet Explorer must name another zone than the one that was assigned.
-- remedy: Assign the site in both lists (run it as that user), or switch Enhanced Security Configuration off for this machine.
--
--   $ reg add {esc_key|cmd} /v https /t REG_DWORD /d {zone|netsh} /f
--   undo: $ reg delete {esc_key|cmd} /v https /f
-- interrupts: The browser must be started again.
-- references: https://learn.microsoft.com/troubleshoot/developer/browsers/security-privacy/ie-security-zones-registry-entries https://technet.microsoft.com/library/dd883248
-- since: 1
WITH hosts AS (
  SELECT lower(host) AS host FROM complaint WHERE coalesce(host, '') <> '' UNION SELECT lower(host) FROM cert_place WHERE coalesce(host, '') <> ''),
hardened AS (
  SELECT v.machine, substr(v.key, 5, instr(substr(v.key, 5), '\') - 1) AS user, v.key, v.entry, v.line FROM registry_value v
  WHERE lower(v.key) LIKE 'hku\%\software\microsoft\windows\currentversion\internet settings\zonemap' AND lower(v.name) = 'ieharden' AND v.number = 1),
fitting AS NOT MATERIALIZED (
  SELECT z.machine, z.user, h.host, z.zone, z.list, z.entry, z.line FROM zone_entry z CROSS JOIN hosts h ON h.host = lower(z.pattern)
    OR (z.pattern LIKE '*.%' AND (h.host = lower(substr(z.pattern, 3)) OR substr(h.host, -length(z.pattern) + 1) = lower(substr(z.pattern, 2))))
    OR (z.pattern LIKE '%.*' AND substr(h.host, 1, length(z.pattern) - 1) = substr(z.pattern, 1, length(z.pattern) - 1))
  WHERE z.scheme IN ('*', 'https') AND z.zone IS NOT NULL)
SELECT f.machine, f.user || ' ' || f.host AS subject, 'user ' || f.user AS user_text, f.host, f.zone, f.list, 'Esc' || f.list AS esc_list,
  'HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\ZoneMap\EscDomains\' || f.host AS esc_key,
  CASE f.zone WHEN 1 THEN 'Local intranet' WHEN 2 THEN 'Trusted sites' ELSE 'of its own' END AS zone_name,
  json_array(json_object('key', h.key, 'name', 'IEHarden', 'value', '1'), json_object('entry', h.entry, 'line', h.line), json_object('entry', f.entry, 'line', f.line)) AS evidence
FROM fitting f CROSS JOIN hardened h ON h.machine = f.machine AND h.user = f.user
WHERE f.list IN ('Domains', 'Ranges') AND f.zone IN (1, 2)
  AND NOT EXISTS (SELECT 1 FROM fitting g WHERE g.machine = f.machine AND g.user = f.user AND g.host = f.host AND (g.list LIKE 'Esc%' OR g.list = 'policy list'))
GROUP BY f.machine, f.user, f.host
ORDER BY f.machine, f.user, f.host
