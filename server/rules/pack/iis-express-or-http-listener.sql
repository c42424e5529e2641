-- rule: iis-express-or-http-listener
-- SPDX-License-Identifier: Apache-2.0
-- code: D24
-- title: Another program owns the http.sys record that serves a site of IIS
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert
-- message: The record {endpoint}, which serves site "{site}", belongs to {owner} (application id {app_id}), not to IIS: that program may set
--   its flags again.
-- remedy: Change the flags where that program is configured, or give the site an address of its own.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, b.app_id,
  CASE lower(b.app_id) WHEN '{5d89a20c-beab-4389-9447-324788eb944a}' THEN 'AD FS' WHEN '{ba195980-cd49-458b-9e23-c84ee0adcd75}' THEN 'SSTP (remote access)'
    WHEN '{214124cd-d05b-4309-9af9-9caa44b2b74a}' THEN 'IIS Express or a development tool' ELSE 'another program' END AS owner,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' ' || b.app_id)) AS evidence
FROM effective_binding b
WHERE b.app_id IS NOT NULL AND lower(b.app_id) <> '{4dc3e181-e14b-4a21-b022-59fc669b0914}' AND replace(b.app_id, '0', '') <> '{----}'
GROUP BY b.machine, b.site, b.tree, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
