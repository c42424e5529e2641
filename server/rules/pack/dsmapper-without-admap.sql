-- rule: dsmapper-without-admap
-- SPDX-License-Identifier: Apache-2.0
-- code: C02
-- title: The http.sys binding maps certificates to accounts, and IIS does not use it
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: The binding {endpoint} has DefaultFlags {flags} with the DS mapper (1), but clientCertificateMappingAuthentication is off at every
--   path of the sites behind it: each certificate is looked up in Active Directory for nothing, and Schannel logs what it cannot map.
-- confirm: "DS Mapper Usage" of the record must be enabled, and the switch of IIS off; Schannel writes 36878 or 36879 for certificates that it cannot map.
--   $ netsh http show sslcert
--   $ %windir%\system32\inetsrv\appcmd list config -section:system.webServer/security/authentication/clientCertificateMappingAuthentication
-- remedy: Switch the mapper off (dsmapperusage=disable) when you put this record together next, keeping its other parameters.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM effective_binding b
WHERE b.ds_mapper AND lower(b.app_id) = '{4dc3e181-e14b-4a21-b022-59fc669b0914}'
  AND NOT EXISTS (SELECT 1 FROM effective_binding o JOIN site_path p ON p.machine = o.machine AND p.site = o.site AND p.ad_mapping
    WHERE o.machine = b.machine AND o.tree = b.tree AND o.endpoint = b.endpoint)
GROUP BY b.machine, b.tree, b.endpoint
ORDER BY b.machine, b.endpoint
