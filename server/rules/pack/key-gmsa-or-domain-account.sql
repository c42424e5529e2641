-- rule: key-gmsa-or-domain-account
-- SPDX-License-Identifier: Apache-2.0
-- code: I15
-- title: A pool runs under a managed service account: rights on keys must name it with its $
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:My server/key-acl
-- uses: server/http-sslcert server/reg-http
-- message: The pool {pool} runs as {account}, a managed service account, and {account} may read the key of no certificate in LocalMachine\My that is for clients ({names}).
-- remedy: Grant the account, with the $ at its end, read on the key of the certificate that it uses.
--
--   $ icacls {path|cmd} /grant {grant|cmd}
--   undo: $ icacls {path|cmd} /remove:g {account|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls https://learn.microsoft.com/windows-server/identity/ad-ds/manage/group-managed-service-accounts/group-managed-service-accounts/group-managed-service-accounts-overview
-- since: 1
WITH found AS (
  SELECT p.machine, p.app_pool AS subject, p.app_pool AS pool, p.account, p.account || ':R' AS grant, min(f.path) AS path, group_concat(DISTINCT coalesce(c.subject_cn, c.subject)) AS names,
    json_array(json_object('entry', p.entry, 'line', p.line, 'excerpt', p.user_name)) AS evidence
  FROM app_pool p JOIN private_key k ON k.machine = p.machine AND k.location = 'LocalMachine' AND lower(k.store) = 'my' AND k.present = 1
  JOIN key_file f ON f.machine = k.machine AND f.path = k.path
  JOIN certificate c ON c.machine = k.machine AND c.thumbprint = k.thumbprint AND c.client_auth
  WHERE p.identity_type = 'SpecificUser' AND p.user_name LIKE '%$' AND EXISTS (SELECT 1 FROM application a WHERE a.machine = p.machine AND lower(a.app_pool) = lower(p.app_pool))
    AND NOT EXISTS (SELECT 1 FROM ssl_binding b WHERE b.machine = k.machine AND b.thumbprint = k.thumbprint)
    AND NOT EXISTS (SELECT 1 FROM key_access y WHERE y.machine = p.machine AND lower(y.account) = lower(p.account) AND y.can_read = 'yes')
  GROUP BY p.machine, p.app_pool)
SELECT f.* FROM machine m CROSS JOIN found f ON f.machine = m.machine
WHERE EXISTS (SELECT 1 FROM app_pool s WHERE s.machine = m.machine AND s.identity_type = 'SpecificUser')
ORDER BY f.machine, f.pool
