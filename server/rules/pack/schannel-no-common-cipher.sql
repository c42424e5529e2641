-- rule: schannel-no-common-cipher
-- SPDX-License-Identifier: Apache-2.0
-- code: K04
-- title: There is no cipher suite that both sides, or the certificate of the server, can use
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-system!
-- uses: server/log-event client/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- strength: must
-- message: {problem}: the handshake ends before a client certificate is asked for (events 36874, 36888 with alert 40), and no log of the site shows it.
-- confirm: Schannel must write 36874 or alert 40 for each try (System log); a capture has both lists in ClientHello.
--   [14393-] PS> Get-TlsCipherSuite | Select-Object Name
--   [-14392] $ reg query HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002 /v Functions
--   [-14392] $ reg query HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002 /v Functions
-- remedy: Extend the order of cipher suites, in the policy when it is set there, or remove it, so that Windows' own order counts.
--
--   [14393-] PS> Enable-TlsCipherSuite -Name TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
--   [14393-] undo: PS> Disable-TlsCipherSuite -Name TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
--   [-14392] This Windows has no cmdlet for it: set the policy "SSL Cipher Suite Order" (Administrative Templates, Network, SSL
--   [-14392] Configuration Settings) to "Not configured", or to a list that has the suites that are missing.
-- interrupts: It counts after a restart of the machine.
-- references: https://learn.microsoft.com/windows-server/security/tls/manage-tls https://learn.microsoft.com/windows/win32/secauthn/cipher-suites-in-schannel
-- since: 1
WITH suites AS (
  SELECT machine, name, decided_by, key, entry, line, CASE WHEN name LIKE 'TLS\_AES\_%' ESCAPE '\' OR name LIKE 'TLS\_CHACHA20%' ESCAPE '\' THEN '1.3'
    WHEN name LIKE '%\_ECDSA\_%' ESCAPE '\' THEN 'ECDSA' WHEN name LIKE '%\_RSA\_%' ESCAPE '\' THEN 'RSA' ELSE 'other' END AS needs
  FROM schannel_order WHERE list = 'cipher suites'),
ordered AS NOT MATERIALIZED (
  SELECT machine, min(key) AS key FROM schannel_order WHERE list = 'cipher suites' GROUP BY machine),
bound AS (
  SELECT DISTINCT b.machine, b.tree, b.endpoint, c.thumbprint, coalesce(c.subject_cn, c.subject, c.thumbprint) AS name, iif(upper(c.key_algorithm) LIKE '%RSA%', 'RSA', 'ECDSA') AS needs
  FROM effective_binding b JOIN certificate c ON c.machine = b.machine AND c.thumbprint = b.thumbprint
  WHERE upper(c.key_algorithm) LIKE '%RSA%' OR upper(c.key_algorithm) LIKE '%EC%')
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, 'error' AS severity,
  'The certificate "' || b.name || '" of ' || b.endpoint || ' has ' || iif(b.needs = 'RSA', 'an RSA', 'an elliptic curve') || ' key, and none of the cipher suites that are set (' || min(s.decided_by) || ', ' || count(*) || ' of them) can use it' AS problem,
  json_array(json_object('key', min(s.key), 'name', 'Functions', 'value', substr(group_concat(s.name, ', '), 1, 300)), json_object('thumbprint', b.thumbprint)) AS evidence
FROM bound b JOIN suites s ON s.machine = b.machine LEFT JOIN windows_default d ON d.machine = b.machine AND d.name = 'TLS 1.3'
GROUP BY b.machine, b.tree, b.endpoint
HAVING sum(s.needs = b.needs OR s.needs = 'other' OR (s.needs = '1.3' AND coalesce(d.value, 1))) = 0
UNION ALL
SELECT s.machine, 'client ' || c.machine, 'error',
  'Server and client ' || c.machine || ' both have an order of cipher suites set, and no suite stands in both' AS problem,
  json_array(json_object('key', s.key, 'name', 'Functions'), json_object('key', c.key, 'name', 'Functions'))
FROM ordered s CROSS JOIN machine v ON v.machine = s.machine AND v.is_server CROSS JOIN ordered c ON c.machine <> s.machine CROSS JOIN machine k ON k.machine = c.machine AND k.is_client AND NOT k.is_server
WHERE NOT EXISTS (SELECT 1 FROM schannel_order x JOIN schannel_order y ON y.machine = c.machine AND y.list = 'cipher suites' AND lower(y.name) = lower(x.name)
  WHERE x.machine = s.machine AND x.list = 'cipher suites')
UNION ALL
SELECT e.machine, 'events', 'info',  -- scanners make it, too
  'Schannel wrote ' || sum(e.count) || ' time(s), the last at ' || iso(max(e.last)) || ', that a client offered no cipher suite that it supports (event 36874)',
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v WHERE v.machine = e.machine AND v.area = 'schannel' AND v.event_id = 36874)
FROM event_seen e
WHERE e.own AND e.area = 'schannel' AND e.event_id = 36874
GROUP BY e.machine
ORDER BY 1, 2
