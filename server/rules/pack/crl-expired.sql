-- rule: crl-expired
-- SPDX-License-Identifier: Apache-2.0
-- code: G03
-- title: The revocation list on the server has expired
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/cert-store:CA!
-- applies: EXISTS (SELECT 1 FROM revocation_checked WHERE machine = :machine)
-- explains: 403.13.2148081683 403.13.2148081682
-- message: The list of "{issuer}" on {machine} expired on {next_update|time}, and there is no newer one. As long as Windows cannot fetch another, it does not know whether {name} is
--   revoked (0x80092013): 403.13.
-- confirm: What the CA publishes now:
--   $ certutil -URL {url|cmd}
-- remedy: Publish a new list on the CA (of an offline root by hand, before the old one expires), then bring it to the server.
--
--   $ certutil -crl
--   $ certutil -addstore CA <list.crl>
--   undo: $ certutil -delstore CA <list>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT v.machine, c.thumbprint || ': ' || l.sha1 AS subject, '"' || coalesce(c.subject_cn, c.subject) || '" (' || c.thumbprint || ')' AS name, l.issuer, max(l.next_update) AS next_update,
  (SELECT min(u.url) FROM certificate_url u WHERE u.thumbprint = c.thumbprint AND u.kind = 'cdp' AND u.url LIKE 'http://%') AS url,
  json_array(json_object('entry', l.entry, 'excerpt', l.issuer || ' ' || coalesce(iso(l.next_update), '')), json_object('thumbprint', c.thumbprint)) AS evidence
FROM revocation_link v JOIN certificate c ON c.machine = v.holder AND c.thumbprint = v.thumbprint
JOIN store_crl l ON l.machine = v.machine AND l.issuer_der = c.issuer_der AND l.is_delta = 0 AND l.signed IS NOT 0
JOIN machine m ON m.machine = v.machine
WHERE EXISTS (SELECT 1 FROM store_crl WHERE is_delta = 0)
GROUP BY v.machine, c.thumbprint
HAVING max(coalesce(l.next_update, m.collected + 1)) < m.collected
ORDER BY v.machine, c.thumbprint
