-- rule: server-root-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: F01
-- title: The server does not trust the root of the client certificate
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/cert-store:Root!
-- uses: server/reg-system
-- applies: CASE WHEN NOT EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine) THEN 0
--   WHEN EXISTS (SELECT 1 FROM server_chain WHERE machine = :machine) OR EXISTS (SELECT 1 FROM client_offer WHERE usable) THEN 1
--   WHEN EXISTS (SELECT 1 FROM machine WHERE is_client) THEN 'no usable client certificate is known in this case'
--   ELSE 'no client machine in this case' END
-- explains: 403.16.* 403.7.*
-- strength: must
-- message: The chain of the client certificate {name} {whose} does not end in Trusted Root of this server: {missing} is not there ({status}).
--   {elsewhere}
--   The server refuses it with 403.16 (0x800B0109).
--   {fetched_text}
-- confirm: Build the chain as the server does, with the machine's stores only; it must end in the same error.
--   $ certutil -verify <client.cer>
-- remedy: Import the root into LocalMachine\Root, best by group policy. Compare its thumbprint with the authority first.
--
--   $ certutil -addstore Root <root.cer>
--   undo: $ certutil -delstore Root <root thumbprint>
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT t.machine, iif(f.sha1 IS NULL, NULL, 'warning') AS severity, iif(f.sha1 IS NULL, NULL, 'may') AS strength,
  iif(f.sha1 IS NULL, NULL, 'That root is in Microsoft''s programme (authroot.stl): Windows fetches it by itself where it reaches the Internet.') AS fetched_text, t.leaf || coalesce(' of ' || t.leaf_machine, '') AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, t.whose, t.status,
  coalesce('"' || t.missing || '"', '"' || (SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = t.root) || '"', 'the issuer') AS missing,
  (SELECT 'It stands in ' || min(e.location || '\' || e.store || coalesce(' of ' || e.user, '') || ' of ' || e.machine) || '.'
    FROM store_certificate e JOIN certificate c ON c.machine = e.machine AND c.thumbprint = e.thumbprint
    WHERE c.subject = t.missing OR (t.missing IS NULL AND c.thumbprint = t.root)) AS elsewhere,
  (SELECT json_group_array(json(e)) FROM (
    SELECT json_object('thumbprint', t.leaf) AS e
    UNION ALL SELECT json_object('thumbprint', h.thumbprint, 'store', h.store) FROM chain h
      WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.position > 0 AND h.thumbprint IS NOT NULL)) AS evidence
FROM server_chain t
LEFT JOIN (SELECT l.machine, e.subject, min(l.sha1) AS sha1 FROM store_ctl l JOIN ctl_entry e ON e.machine = l.machine AND e.sha1 = l.sha1 WHERE l.purpose = 'roots' AND ' ' || coalesce(e.properties, '') || ' ' NOT LIKE '% 104 %'
    AND NOT EXISTS (SELECT 1 FROM schannel_setting g WHERE g.machine = l.machine AND g.setting = 'DisableRootAutoUpdate' AND g.value = 1)
  GROUP BY l.machine, e.subject) f ON f.machine = t.machine AND f.subject = coalesce(t.missing_thumbprint, t.root)
WHERE NOT t.trusted AND t.status NOT LIKE '%NOT_SIGNATURE_VALID%' AND (t.missing IS NULL OR t.missing_is_root)
  -- a client's self-signed certificate is its own root: client-cert-self-signed says so
  AND (t.leaf_machine = t.machine OR NOT EXISTS (SELECT 1 FROM certificate c WHERE c.machine = t.leaf_machine AND c.thumbprint = t.leaf AND c.self_signed))
GROUP BY t.machine, t.leaf, t.leaf_machine
ORDER BY t.machine, t.leaf, t.leaf_machine
