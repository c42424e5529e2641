-- rule: firefox-own-store
-- SPDX-License-Identifier: Apache-2.0
-- code: J06
-- title: Firefox presents no certificate: it has a store of its own
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-iis
-- explains: 403.7.*
-- message: Firefox {major} from {client} was refused {count} time(s) at "{place}" (403.7, {first|time} to {last|time}), while others are served there. {why_text}
-- why: Firefox {major} from {client} came {count} time(s) without a certificate while others are served. {why_text}
-- confirm: In Firefox on that client: about:preferences#privacy, View Certificates, Your Certificates shows whether it is there; about:config the value of
--   security.osclientcerts.autoload.
-- remedy: Import the PFX into Firefox, or have it use the Windows stores: security.osclientcerts.autoload true, by the policy Preferences where there are many.
-- references: https://blog.mozilla.org/security/2020/04/14/expanding-client-certificates-in-firefox-75/ https://blog.mozilla.org/security/2021/07/28/making-client-certificates-available-by-default-in-firefox-90/
-- since: 1
SELECT machine, site, place AS path, coalesce(place, site, '') AS place, coalesce(place, site, '') || ' ' || client AS subject, client, major, count, first, last,
  iif(major < 90, NULL, 'info') AS severity,
  CASE WHEN major < 75 THEN 'It knows the certificates of its own store only.'
    WHEN major < 90 THEN 'It looks into the Windows stores only where security.osclientcerts.autoload is true.'
    ELSE 'It offers those of the Windows stores as well, unless security.osclientcerts.autoload is off.' END AS why_text,
  (SELECT json_group_array(json_object('entry', q.entry, 'line', q.line, 'excerpt', q.excerpt)) FROM refused_request q WHERE q.machine = r.machine AND q.place IS r.place AND q.client = r.client) AS evidence
FROM refused_program r
WHERE family = 'firefox' AND major > 0
ORDER BY machine, site, place, client, agent
