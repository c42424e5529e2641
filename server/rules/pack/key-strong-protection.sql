-- rule: key-strong-protection
-- SPDX-License-Identifier: Apache-2.0
-- code: I08
-- title: The key asks for a confirmation or a password, and nobody is there to give it
-- severity: error
-- confidence: P
-- role: client
-- needs: client/log-event
-- uses: client/cert-store
-- explains: 403.7.*
-- strength: seen
-- outranks: client-cert-absent
-- message: CAPI2 wrote {total} time(s), the last at {last|time}, that {process} could not use the key of {name} ({hex}): it was imported with strong protection, and a program without a desktop cannot answer.
-- confirm: The test of the key must bring up a window for that user, and fail with 0x80090022 without a desktop.
--   $ certutil -user -store My {thumbprint|cmd}
-- remedy: Import the PFX again without strong protection (leave the box "Enable strong private key protection" empty, and see that the policy "System cryptography: Force strong key protection" does not
--   set it).
--
--   $ certutil -user -importpfx My <file.pfx>
--   undo: $ certutil -user -delstore My {thumbprint|cmd}
-- interrupts: The PFX must be at hand.
-- references: https://learn.microsoft.com/windows/win32/seccrypto/common-hresult-values https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT e.machine, coalesce(e.thumbprint, '') || ' ' || hex32(e.error) AS subject, coalesce((SELECT min('"' || coalesce(c.subject_cn, c.subject) || '" (' || c.thumbprint || ')') FROM certificate c WHERE c.machine = e.machine AND c.thumbprint = e.thumbprint), e.thumbprint) AS name, hex32(e.error) AS hex, e.thumbprint, count(*) AS total, max(e.time) AS last,
  coalesce(max(e.process), 'a program') AS process, coalesce(max(e.user), '?') AS user,
  json_array(json_object('entry', max(iif(e.nth = 1, e.entry, NULL)), 'line', max(iif(e.nth = 1, e.line, NULL)), 'excerpt', 'CAPI2 70 ' || hex32(e.error)), json_object('thumbprint', e.thumbprint)) AS evidence
FROM (SELECT *, row_number() OVER (PARTITION BY machine, computer, event_id, thumbprint, error ORDER BY time DESC, entry, line) AS nth FROM event WHERE area = 'capi2' AND event_id = 70) e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
WHERE e.area = 'capi2' AND e.event_id = 70 AND e.error IN (2148073506, 2148073517)
GROUP BY e.machine, e.thumbprint, e.error
ORDER BY e.machine, e.thumbprint, e.error
