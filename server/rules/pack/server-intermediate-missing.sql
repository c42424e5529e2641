-- rule: server-intermediate-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: F03
-- title: The server lacks an intermediate certificate of the client chain
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/cert-store:CA! server/cert-store:Root!
-- uses: server/tls-probe server/attachment
-- applies: CASE WHEN NOT EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine) THEN 0
--   WHEN EXISTS (SELECT 1 FROM server_chain WHERE machine = :machine) OR EXISTS (SELECT 1 FROM client_offer WHERE usable) THEN 1
--   WHEN EXISTS (SELECT 1 FROM machine WHERE is_client) THEN 'no usable client certificate is known in this case'
--   ELSE 'no client machine in this case' END
-- explains: 403.16.*
-- strength: must
-- message: The chain of the client certificate {name} {whose} cannot be built from the stores of this server: {missing} is missing.
--   {elsewhere}
--   {sender} The server does not fetch it by itself, and refuses the certificate with 403.16 (0x800B010A) when it is not sent.
-- confirm: Build the chain as the server does, with the machine's stores only; it must end in the same error.
--   $ certutil -verify <client.cer>
-- remedy: Import the intermediate certificate into LocalMachine\CA.
--
--   $ certutil -addstore CA <intermediate.cer>
--   undo: $ certutil -delstore CA <intermediate thumbprint>
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
WITH lacking AS (
  -- nobody has it
  SELECT t.machine, t.leaf, t.leaf_machine, t.whose, t.subject, t.missing, NULL AS thumbprint, t.leaf_machine <> t.machine AS known, 0 AS sent,
    EXISTS (SELECT 1 FROM handshake h WHERE h.machine = t.machine AND h.client_thumbprint = t.leaf) AS captured
  FROM server_chain t
  WHERE NOT t.trusted AND t.missing IS NOT NULL AND NOT t.missing_is_root AND t.status NOT LIKE '%NOT_SIGNATURE_VALID%'
  UNION ALL
  -- the chain is whole only with what the client sends along
  SELECT t.machine, t.leaf, t.leaf_machine, t.whose, t.subject, h.subject, h.thumbprint, 1, 1, 0
  FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0
  WHERE h.position > 0 AND h.store = 'sent')
SELECT l.machine, l.leaf || ' of ' || l.leaf_machine || ': ' || l.missing AS subject, '"' || l.subject || '" (' || l.leaf || ')' AS name, l.whose,
  '"' || l.missing || '"' AS missing, iif(l.sent OR NOT (l.known OR l.captured), 'warning', NULL) AS severity, iif(l.sent OR NOT (l.known OR l.captured), 'may', NULL) AS strength,
  (SELECT 'It stands in ' || min(e.location || '\' || e.store || coalesce(' of ' || e.user, '') || ' of ' || e.machine) || '.'
    FROM store_certificate e JOIN certificate c ON c.machine = e.machine AND c.thumbprint = e.thumbprint WHERE c.subject = l.missing) AS elsewhere,
  CASE WHEN l.sent THEN 'The client has it and can send it along; the server relies on that.'
    WHEN l.captured THEN 'A capture shows that the client does not send it along.'
    WHEN l.known THEN 'The client cannot send it along either.' ELSE 'Whether the client sends it along is not known.' END AS sender,
  (SELECT json_group_array(json(e)) FROM (
    SELECT coalesce((SELECT json_object('entry', h.entry, 'excerpt', l.leaf) FROM handshake h
      WHERE l.captured AND h.machine = l.machine AND h.client_thumbprint = l.leaf ORDER BY h.entry LIMIT 1), json_object('thumbprint', l.leaf)) AS e
    UNION ALL SELECT json_object('thumbprint', h.thumbprint, 'store', h.store) FROM chain h
      WHERE h.machine = l.machine AND h.leaf = l.leaf AND h.leaf_machine = l.leaf_machine AND h.path = 0 AND h.position > 0 AND h.thumbprint IS NOT NULL)) AS evidence
FROM lacking l
GROUP BY l.machine, l.leaf, l.leaf_machine, l.missing
ORDER BY l.machine, l.leaf, l.leaf_machine, l.missing
