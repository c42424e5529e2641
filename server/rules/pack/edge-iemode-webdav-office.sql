-- rule: edge-iemode-webdav-office
-- SPDX-License-Identifier: Apache-2.0
-- code: J15
-- title: Office or the WebDAV client asks without a certificate, and cannot ask its user for one
-- severity: info
-- confidence: P
-- role: server
-- needs: server/log-iis
-- explains: 403.7.*
-- message: "{agent_text}" from {client} was refused {count} time(s) at "{place}" (403.7): Office's discovery requests and the WebDAV client of Windows show no prompt
--   for a certificate.
-- remedy: Open the address in the browser first, so that the program can go on with its cookie; or leave such paths without a required certificate.
-- references: https://learn.microsoft.com/iis/publish/using-webdav/using-the-webdav-redirector
-- since: 1
SELECT machine, site, place AS path, coalesce(place, site, '') AS place, coalesce(place, site, '') || ' ' || client AS subject, client, agent_text, count,
  (SELECT json_group_array(json_object('entry', q.entry, 'line', q.line, 'excerpt', q.excerpt)) FROM refused_request q WHERE q.machine = r.machine AND q.place IS r.place AND q.client = r.client) AS evidence
FROM refused_program r
WHERE family IN ('webdav', 'office')
ORDER BY machine, site, place, client, agent
