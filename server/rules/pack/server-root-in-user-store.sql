-- rule: server-root-in-user-store
-- SPDX-License-Identifier: Apache-2.0
-- code: F02
-- title: The root of the client certificate is trusted for a user of the server only
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root!
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing
-- message: The chain of {name} ends in {root_name}, which {machine} has in {where} and not in LocalMachine\Root: http.sys looks at the
--   machine's stores only.
-- confirm: The first must be without it, and the second (run as that user) with it.
--   $ certutil -store Root {root|cmd}
--   $ certutil -user -store Root {root|cmd}
-- remedy: Add it to Trusted Root of the machine.
--
--   $ certutil -addstore Root <root.cer>
--   undo: $ certutil -delstore Root {root|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/errors-403-7-reject-client-certificate-request https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT t.machine, t.leaf || coalesce(' of ' || t.leaf_machine, '') AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name,
  '"' || coalesce(c.subject, s.thumbprint) || '"' AS root_name, s.thumbprint AS root, s.location || '\' || s.store || coalesce(' of ' || s.user, '') AS "where",
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', s.thumbprint, 'store', s.location || '\' || s.store), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM server_chain t CROSS JOIN store_certificate s ON s.machine = t.machine AND s.location = 'CurrentUser' AND lower(s.store) = 'root'
JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint AND (c.subject = t.missing OR c.thumbprint = t.root)
WHERE NOT t.trusted
GROUP BY t.machine, t.leaf, t.leaf_machine
ORDER BY t.machine, t.leaf, t.leaf_machine
