-- rule: store-blob-corrupt
-- SPDX-License-Identifier: Apache-2.0
-- code: F32
-- title: A certificate in a store is damaged: Windows skips it
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/cert-store:Root
-- message: {name} in {place} of {machine} is damaged ({why_bad}): Windows acts as if it were not there.
-- confirm: The key must be in the registry, and the console of certificates (or certutil) not show the certificate.
--   $ reg query {key|cmd}
-- remedy: Export the key, delete it, and import the certificate again.
--
--   $ reg export {key|cmd} <exported.reg>
--   $ reg delete {key|cmd} /f
--   undo: $ reg import <exported.reg>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows/win32/seccrypto/system-store-locations
-- since: 1
WITH damaged AS (
  SELECT d.machine, d.location, d.user, d.store, d.name, d.why AS why_bad, d.entry, d.line,
    (SELECT max(k.key) FROM registry_key k WHERE k.machine = d.machine AND k.key LIKE '%\' || d.name AND k.entry = d.entry) AS key
  FROM store_damage d
  UNION ALL
  SELECT s.machine, s.location, s.user, s.store, s.thumbprint, 'what stands there is no certificate', s.entry, s.line, NULL
  FROM store_certificate s JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint WHERE c.note = 'cannot be decoded')
SELECT d.machine, d.location || '\' || d.store || coalesce(' of ' || d.user, '') || ' ' || d.name AS subject, d.name, d.location || '\' || d.store || coalesce(' of ' || d.user, '') AS place, d.why_bad, d.key,
  json_array(json_object('entry', d.entry, 'line', d.line, 'excerpt', d.name)) AS evidence
FROM damaged d CROSS JOIN machine m ON m.machine = d.machine AND m.is_server
GROUP BY d.machine, d.location, d.user, d.store, d.name
ORDER BY d.machine, d.location, d.store, d.user, d.name
