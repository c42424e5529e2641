-- rule: schannel-signature-algorithms
-- SPDX-License-Identifier: Apache-2.0
-- code: K06
-- title: The server does not offer a signature algorithm that the client certificate can use
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-system client/cert-store:My
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64
-- strength: must
-- message: {machine} has a list of signature algorithms set ({decided_by}: {list}), and {problem} on {client}.
-- confirm: The list must be without an algorithm that fits the client's key; a capture of a TLS 1.2 handshake shows it in CertificateRequest.
--   $ reg query {key|cmd} /v Functions
-- remedy: Go back to Windows' own list, or add what is missing to it; a list set by policy is changed there.
--
--   $ reg query {key|cmd} /v Functions
--   $ reg add {key|cmd} /v Functions /t REG_MULTI_SZ /d <the former list with what is missing, \0 between> /f
--   undo: $ reg add {key|cmd} /v Functions /t REG_MULTI_SZ /d {former|cmd} /f
-- interrupts: A restart of the server is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/manage-tls https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
WITH offered AS (
  SELECT machine, min(decided_by) AS decided_by, group_concat(name, ', ') AS list, group_concat(name, '\0') AS former, min(key) AS key, min(entry) AS entry, min(line) AS line
  FROM (SELECT * FROM schannel_order WHERE list = 'signature algorithms' ORDER BY machine, position) GROUP BY machine),
meant AS (
  SELECT o.*, c.signature_hash AS hash, iif(upper(c.key_algorithm) LIKE '%RSA%', 'RSA', iif(c.curve IS NOT NULL, 'ECDSA', NULL)) AS family,
    CASE WHEN lower(c.signature_algorithm) LIKE '%pss%' THEN NULL WHEN lower(c.signature_algorithm) LIKE '%ecdsa%' THEN 'ECDSA' WHEN lower(c.signature_algorithm) LIKE '%rsa%' THEN 'RSA' END AS signed_by
  FROM client_meant o CROSS JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint)
SELECT f.machine, o.thumbprint || ' of ' || o.machine AS subject, o.machine AS client, f.decided_by, f.list, f.former, f.key, (SELECT k.modified FROM registry_key k WHERE k.machine = f.machine AND lower(k.key) = lower(f.key)) AS changed,
  iif(EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = f.machine AND s.list = 'signature algorithms' AND upper(s.name) LIKE o.family || '%'), 'warning', NULL) AS severity,
  iif(EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = f.machine AND s.list = 'signature algorithms' AND upper(s.name) LIKE o.family || '%'),
    o.signed_by || '/' || o.hash || ', by which it is signed, is not in it: so a client may not offer ' || o.name,
    'none of it works with the ' || iif(o.family = 'RSA', 'RSA', 'elliptic curve') || ' key of ' || o.name) AS problem,
  json_array(json_object('key', f.key, 'name', 'Functions', 'value', substr(f.list, 1, 300)), json_object('entry', f.entry, 'line', f.line), json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM offered f CROSS JOIN meant o ON o.machine <> f.machine AND o.family IS NOT NULL
WHERE NOT EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = f.machine AND s.list = 'signature algorithms' AND upper(s.name) LIKE o.family || '%')
  OR (o.signed_by IS NOT NULL AND o.hash IS NOT NULL AND coalesce(o.self_signed, 0) = 0
    AND NOT EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = f.machine AND s.list = 'signature algorithms' AND upper(s.name) = o.signed_by || '/' || upper(o.hash)))
GROUP BY f.machine, o.machine, o.thumbprint
ORDER BY f.machine, o.machine, o.thumbprint
