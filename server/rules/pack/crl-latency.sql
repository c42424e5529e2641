-- rule: crl-latency
-- SPDX-License-Identifier: Apache-2.0
-- code: G18
-- title: Requests wait for a revocation list until the time is up
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-iis
-- explains: 403.13.* 500.0.64
-- strength: seen
-- message: At "{place}" {slow} request(s) of the sample took {shortest} to {longest} ms and ended with {statuses}, the first at {first|time}: that is how long Windows waits for the addresses of a
--   list (15 seconds for the first, up to 20 for all) before it gives up.
-- confirm: The moments should be those at which the list expires:
--   $ certutil -urlcache crl
-- remedy: Publish lists that overlap (a new one well before the old one expires), and fetch it beforehand; look for the address that does not answer.
--
--   $ certutil -f -urlcache <http address of the list>
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH found AS (
  SELECT r.machine, r.site, r.place AS path, coalesce(r.place, r.site, '') AS place, coalesce(r.place, r.site, '') AS subject, count(*) AS slow, min(r.taken) AS shortest, max(r.taken) AS longest,
    group_concat(DISTINCT r.status || '.' || r.substatus) AS statuses, min(r.time) AS first, max(r.time) AS last,
    json_array(json_object('entry', max(iif(r.nth = 1, r.entry, NULL)), 'line', max(iif(r.nth = 1, r.line, NULL)), 'excerpt', max(iif(r.nth = 1, r.url, NULL)))) AS evidence
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, site, place ORDER BY time, entry, line) AS nth FROM (SELECT r.machine, site, place, status, substatus, win32, taken, time, url, entry, line FROM (SELECT DISTINCT machine FROM symptom WHERE status = 403 AND substatus = 13) k CROSS JOIN request r ON r.machine = k.machine
  WHERE r.taken BETWEEN 14000 AND 21000 AND ((r.status = 403 AND r.substatus = 13) OR (r.status = 500 AND r.substatus = 0 AND r.win32 = 64
      AND EXISTS (SELECT 1 FROM symptom y WHERE y.machine = r.machine AND y.site IS r.site AND y.status = 403 AND y.substatus = 13)))
    ORDER BY r.machine, place, status, substatus, time)) r
  GROUP BY r.machine, r.site, r.place
  HAVING count(*) >= 3 AND max(r.status = 403))
SELECT f.* FROM machine m CROSS JOIN found f ON f.machine = m.machine
WHERE EXISTS (SELECT 1 FROM symptom s WHERE s.machine = m.machine AND s.status = 403 AND s.substatus = 13)
ORDER BY f.machine, f.site, f.path
