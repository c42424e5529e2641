-- rule: key-acl-identity-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: I01
-- title: The identity that runs the client code may not read the private key
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My client/key-acl
-- explains: 403.7.*
-- strength: must
-- message: {account} may not read the private key of {name}: {why_not} (file {path}). {how_known}
-- why: {account} may not read the key of {name}, so its programs cannot present the certificate. {how_known}
-- confirm: The list must not hold the account, nor a group that it is in (Everyone, Users, IIS_IUSRS); and its error be "Keyset does not exist" or "Access denied" (Schannel 36870 at the time). Refuted when the same account signs with the key.
--   $ icacls {path|cmd}
-- remedy: Grant it read on the key file.
--
--   $ icacls {path|cmd} /grant {grant|cmd}
--   undo: $ icacls {path|cmd} /remove:g {account|cmd}
-- interrupts: Nothing is interrupted; the program may have to be restarted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls
-- since: 1
WITH asked AS (
  SELECT k.machine, k.account, k.thumbprint, 'The complaint names this account.' AS how_known, 'error' AS severity, 'must' AS strength,
    NULL AS entry, NULL AS line
  FROM key_access k JOIN complaint c ON c.machine = k.machine AND lower(c.account) = lower(k.account)
  JOIN client_offer o ON o.machine = k.machine AND o.thumbprint = k.thumbprint
  WHERE lower(coalesce(nullif(c.thumbprint, ''), k.thumbprint)) = k.thumbprint AND o.client_auth AND NOT o.archived
    AND (c.thumbprint IS NOT NULL OR NOT EXISTS (SELECT 1 FROM key_access y WHERE y.machine = k.machine AND y.account = k.account AND y.can_read = 'yes'
      AND EXISTS (SELECT 1 FROM client_offer z WHERE z.machine = y.machine AND z.thumbprint = y.thumbprint AND z.fits)))
  UNION ALL
  SELECT machine, account, thumbprint, how_known, 'error', 'must', entry, line FROM key_use WHERE source = 'wcf'
  UNION ALL
  -- CAPI2 itself wrote that this account could not open that key
  SELECT k.machine, k.account, k.thumbprint, 'CAPI2 wrote that ' || coalesce(e.process, 'a program') || ' could not open the key as this account (event 70, '
    || hex32(e.error) || ').', 'error', 'seen', e.entry, e.line
  FROM key_access k JOIN event e ON e.machine = k.machine AND e.area = 'capi2' AND e.event_id = 70 AND e.error > 0 AND e.thumbprint = k.thumbprint AND e.user = k.sid
  UNION ALL
  -- the web applications of this machine are the client, and none of their identities may read the key. A certificate of the machine is of other
  -- services, as a rule: it is worth a warning where a client's failure was seen
  SELECT k.machine, k.account, k.thumbprint, 'No identity of a web application of this machine may read it.',
    iif(EXISTS (SELECT 1 FROM event_told t WHERE t.machine = k.machine AND t.area = 'schannel' AND t.event_id IN (36870, 36875) AND t.side IS 'client')
      OR EXISTS (SELECT 1 FROM symptom y WHERE y.machine <> k.machine AND y.status = 403 AND y.substatus = 7), 'warning', 'info'), 'may', NULL, NULL
  FROM key_access k
  JOIN client_offer o ON o.machine = k.machine AND o.thumbprint = k.thumbprint AND o.location = 'LocalMachine' AND o.fits
  WHERE NOT EXISTS (SELECT 1 FROM complaint c WHERE c.machine = k.machine AND coalesce(c.account, '') <> '')
    AND EXISTS (SELECT 1 FROM app_pool p JOIN application a ON a.machine = p.machine AND lower(a.app_pool) = lower(p.app_pool)
      WHERE p.machine = k.machine AND lower(p.account) = lower(k.account) AND coalesce(p.auto_start, 1))
    AND NOT EXISTS (SELECT 1 FROM key_use u WHERE u.machine = k.machine AND u.thumbprint = k.thumbprint)
    AND NOT EXISTS (SELECT 1 FROM ssl_binding b WHERE b.machine = k.machine AND b.thumbprint = k.thumbprint)
    AND NOT EXISTS (SELECT 1 FROM key_access y WHERE y.machine = k.machine AND y.thumbprint = k.thumbprint AND y.can_read <> 'no'
      AND EXISTS (SELECT 1 FROM app_pool p JOIN application a ON a.machine = p.machine AND lower(a.app_pool) = lower(p.app_pool)
        WHERE p.machine = y.machine AND lower(p.account) = lower(y.account))))
SELECT k.machine, k.account || ' on ' || k.thumbprint AS subject, k.account, k.path, k.why AS why_not,
  k.account || ':R' AS grant, a.how_known, a.severity, a.strength, f.modified AS changed,
  (SELECT min(o.name) FROM client_offer o WHERE o.machine = k.machine AND o.thumbprint = k.thumbprint) AS name,
  CASE WHEN a.entry IS NULL THEN json_array(json_object('entry', f.entry, 'excerpt', f.sddl), json_object('thumbprint', k.thumbprint, 'store', 'My'))
    ELSE json_array(json_object('entry', f.entry, 'excerpt', f.sddl), json_object('entry', a.entry, 'line', a.line)) END AS evidence
FROM key_access k
JOIN asked a ON a.machine = k.machine AND a.account = k.account AND a.thumbprint = k.thumbprint
LEFT JOIN key_file f ON f.machine = k.machine AND lower(f.path) = lower(k.path)
WHERE k.can_read = 'no'
GROUP BY k.machine, k.account, k.thumbprint
ORDER BY k.machine, k.account, k.thumbprint
