-- rule: chromium-ignores-1a04
-- SPDX-License-Identifier: Apache-2.0
-- code: J05
-- title: A policy picks the certificate for Edge or Chrome, and picks none
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/reg-client client/cert-store:My
-- explains: 403.7.*
-- message: {what} {browser} looks at this policy, not at the setting of the Internet zones (1A04).
-- confirm: edge://policy or chrome://policy shows what the browser took of it. Refuted when it asks in spite of the entry, or when the entry stands there with an error.
-- remedy: Correct the entry, or take it out; a policy of the domain is changed where it is set.
--
--   $ reg query {key|cmd}
--   $ reg delete {key|cmd} /v {position|cmd} /f
--   undo: $ reg add {key|cmd} /v {position|cmd} /t REG_SZ /d <the former text> /f
-- interrupts: The browser must be started again.
-- references: https://learn.microsoft.com/deployedge/microsoft-edge-browser-policies/autoselectcertificateforurls https://chromeenterprise.google/policies/#AutoSelectCertificateForUrls
-- since: 1
WITH hosts AS (
  SELECT lower(host) AS host FROM complaint WHERE coalesce(host, '') <> '' UNION SELECT lower(host) FROM cert_place WHERE coalesce(host, '') <> ''),
policy AS NOT MATERIALIZED (
  SELECT machine, user, browser, position, pattern, issuer_cn, subject_cn, key, entry, line,
    lower(replace(replace(replace(pattern, 'https://', ''), '*://', ''), '[*.]', '*.')) AS rest
  FROM browser_policy WHERE policy = 'AutoSelectCertificateForUrls'),
named AS NOT MATERIALIZED ( -- the host of the pattern, without port and path
  SELECT *, substr(rest, 1, coalesce(nullif(instr(replace(rest, ':', '/'), '/'), 0), 1000) - 1) AS host FROM policy),
fitting AS NOT MATERIALIZED (
  SELECT n.*, h.host AS asked FROM named n CROSS JOIN hosts h ON n.host = '*' OR h.host = n.host
    OR (n.host LIKE '*.%' AND (h.host = substr(n.host, 3) OR substr(h.host, -length(n.host) + 1) = substr(n.host, 2)))),
meant AS ( -- the certificates that the filter lets through
  SELECT f.machine, f.key, f.position, f.asked, o.usable, o.name, o.not_after, o.valid, o.has_key
  FROM fitting f JOIN client_offer o ON o.machine = f.machine AND (f.user IS NULL OR o.user IS NULL OR o.user = f.user)
  JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
  WHERE (f.issuer_cn IS NULL OR c.issuer_cn = f.issuer_cn) AND (f.subject_cn IS NULL OR c.subject_cn = f.subject_cn))
SELECT f.machine, f.browser || ' ' || f.key || ' ' || f.position AS subject, f.browser, f.key, f.position,
  'For https://' || min(f.asked) || ' the entry ' || f.position || ' of AutoSelectCertificateForUrls (pattern ' || f.pattern || coalesce(', issuer "' || f.issuer_cn || '"', '') || coalesce(', subject "' || f.subject_cn || '"', '')
    || ') lets through ' || coalesce((SELECT 'only ' || min(m.name) || ', which ' || iif(min(m.valid), 'cannot be presented', 'is not valid at the time of collection') FROM meant m
      WHERE m.machine = f.machine AND m.key = f.key AND m.position = f.position HAVING count(*) > 0), 'no certificate of this machine') || '.' AS what,
  json_array(json_object('key', f.key, 'name', f.position), json_object('entry', f.entry, 'line', f.line)) AS evidence
FROM fitting f
WHERE NOT EXISTS (SELECT 1 FROM meant m WHERE m.machine = f.machine AND m.key = f.key AND m.position = f.position AND m.usable)
  -- what stands in a store that could not be read is not known
  AND NOT EXISTS (SELECT 1 FROM item i WHERE i.machine = f.machine AND i.kind = 'cert-store' AND lower(i.store) = 'my' AND i.outcome NOT IN ('ok', 'absent')
    AND (f.user IS NULL OR i.user IS NULL OR i.user = f.user))
GROUP BY f.machine, f.key, f.position
UNION ALL
SELECT n.machine, n.browser || ' ' || n.key || ' ' || n.position, n.browser, n.key, n.position,
  'The entry ' || n.position || ' of AutoSelectCertificateForUrls is not what the browser reads (a JSON object with "pattern" and "filter"), and counts for nothing.',
  json_array(json_object('key', n.key, 'name', n.position), json_object('entry', n.entry, 'line', n.line))
FROM named n WHERE n.pattern IS NULL
ORDER BY 1, 2
