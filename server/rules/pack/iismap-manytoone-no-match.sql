-- rule: iismap-manytoone-no-match
-- SPDX-License-Identifier: Apache-2.0
-- code: B12
-- title: No many-to-one mapping fits the client's certificate
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- explains: 401.2.*
-- strength: must
-- message: Site "{site}" maps certificates to accounts by rules, and {name} fits none of its {mappings} mapping(s): {misses}.
-- confirm: Compare each rule with the names of the certificate that came, letter by letter; a failed-request trace has them.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Correct the rule, or have the certificate issued with the name that it asks for. All rules of one mapping must fit; names of fields are those of
--   Windows (CN, OU, O, L, S, C, E), the case of letters counts where compareCaseSensitive is true.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/manytoonemappings/add/rules/
-- since: 1
SELECT t.machine, t.site, (SELECT min(p.path) FROM site_path p WHERE p.machine = t.machine AND p.site = t.site AND p.iis_mapping AND p.anonymous = 0 AND p.broken = 0) AS path,
  t.site || ': ' || t.thumbprint AS subject, t.name, max((SELECT f.modified FROM config_file f WHERE f.machine = t.machine AND f.entry = t.entry)) AS changed, count(*) AS mappings,
  group_concat('"' || t.mapping || '" wants ' || coalesce(t.miss, 'nothing'), '; ') AS misses,
  json_array(json_object('thumbprint', t.thumbprint), json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)))) AS evidence
FROM machine v CROSS JOIN (SELECT *, row_number() OVER (PARTITION BY machine, site, thumbprint, client ORDER BY position) AS nth,
    first_value(client) OVER (PARTITION BY machine, site, thumbprint ORDER BY client) AS first_client FROM mapping_trial ORDER BY machine, site, thumbprint, position) t ON t.machine = v.machine
WHERE EXISTS (SELECT 1 FROM mapping_trial x WHERE x.machine = v.machine) AND t.client = t.first_client -- two clients with the same certificate are one finding
  AND NOT EXISTS (SELECT 1 FROM mapping_trial u WHERE u.machine = t.machine AND u.site = t.site AND u.client = t.client AND u.fits)
  AND NOT EXISTS (SELECT 1 FROM site_mapping o JOIN client_offer f ON f.thumbprint = o.thumbprint WHERE o.machine = t.machine AND o.site = t.site
    AND o.kind = 'oneToOne' AND o.enabled AND f.machine = t.client AND f.usable)
  AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = t.machine AND p.site = t.site AND p.iis_mapping AND p.anonymous = 0 AND p.broken = 0)
GROUP BY t.machine, t.site, t.thumbprint
ORDER BY t.machine, t.site, t.thumbprint
