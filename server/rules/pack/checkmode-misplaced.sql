-- rule: checkmode-misplaced
-- SPDX-License-Identifier: Apache-2.0
-- code: G13
-- title: DefaultSslCertCheckMode of IIS 6 is left in the configuration
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config
-- message: customMetadata holds property 2168 (CertCheckMode of IIS 6) for {at} ({entry}:{line}): http.sys does not read it, it reads its own
--   record.
-- remedy: Set what is meant on the record with netsh (verifyclientcertrevocation).
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT c.machine, coalesce(c.path, 'the server') || ' 2168' AS subject, coalesce(c.path, 'the server') AS at, c.entry, c.line, json_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', 'property 2168')) AS evidence
FROM custom_metadata c WHERE c.id = 2168
ORDER BY c.machine, c.path
