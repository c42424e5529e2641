-- rule: key-dpapi-broken
-- SPDX-License-Identifier: Apache-2.0
-- code: I10
-- title: The key file is there and cannot be decrypted
-- severity: error
-- confidence: P
-- role: client
-- needs: client/log-event
-- uses: client/cert-store
-- explains: 403.7.*
-- strength: seen
-- outranks: client-cert-absent
-- message: CAPI2 wrote {total} time(s), the last at {last|time}, that {process} could not use the key of {name} ({hex}), and its file is there: the file was copied from another machine or profile, or the password of its account was reset, so that
--   Windows cannot decrypt it.
-- confirm: The test of the key must fail with that code, run as the account that uses it; "Access denied" is another cause.
--   $ certutil -store My {thumbprint|cmd}
-- remedy: Import the PFX again for the account that uses it.
--
--   $ certutil -importpfx My <file.pfx>
--   undo: $ certutil -delstore My {thumbprint|cmd}
-- interrupts: The PFX must be at hand.
-- references: https://learn.microsoft.com/windows/win32/seccrypto/common-hresult-values https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT e.machine, coalesce(e.thumbprint, '') || ' ' || hex32(e.error) AS subject, coalesce((SELECT min('"' || coalesce(c.subject_cn, c.subject) || '" (' || c.thumbprint || ')') FROM certificate c WHERE c.machine = e.machine AND c.thumbprint = e.thumbprint), e.thumbprint) AS name, hex32(e.error) AS hex, e.thumbprint, count(*) AS total, max(e.time) AS last,
  coalesce(max(e.process), 'a program') AS process, coalesce(max(e.user), '?') AS user,
  json_array(json_object('entry', max(iif(e.nth = 1, e.entry, NULL)), 'line', max(iif(e.nth = 1, e.line, NULL)), 'excerpt', 'CAPI2 70 ' || hex32(e.error)), json_object('thumbprint', e.thumbprint)) AS evidence
FROM (SELECT *, row_number() OVER (PARTITION BY machine, computer, event_id, thumbprint, error ORDER BY time DESC, entry, line) AS nth FROM event WHERE area = 'capi2' AND event_id = 70) e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
WHERE e.area = 'capi2' AND e.event_id = 70 AND e.error IN (2148073483, 2148073516)
  AND NOT EXISTS (SELECT 1 FROM private_key k WHERE k.machine = e.machine AND k.thumbprint = e.thumbprint AND k.present = 0)
GROUP BY e.machine, e.thumbprint, e.error
ORDER BY e.machine, e.thumbprint, e.error
