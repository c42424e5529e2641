-- rule: aspnetcore-forwarding
-- SPDX-License-Identifier: Apache-2.0
-- code: J21
-- title: A certificate arrives in a header, and the ASP.NET Core application refuses all the same
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-freb server/iis-config server/web-config
-- explains: 401.0.* 403.0.*
-- message: {n} traced request(s) at "{place}" came from {client} with a client certificate in a header ({names}), and the application there, ASP.NET Core, answered {status}. It reads
--   such a header only when certificate forwarding is set up for it (by default the header X-Client-Cert).
-- confirm: The application's own log of category Microsoft.AspNetCore.Authentication.Certificate says "No client certificate found" when it does not read the header; a message about the chain instead refutes it.
-- remedy: In the application: AddCertificateForwarding with CertificateHeader set to the header's name and HeaderConverter to its form, and UseCertificateForwarding before
--   UseAuthentication. Behind IIS itself (out of process) IISOptions.ForwardClientCertificate must be true.
-- references: https://learn.microsoft.com/aspnet/core/security/authentication/certauth https://learn.microsoft.com/aspnet/core/host-and-deploy/iis/advanced
-- since: 1
SELECT t.machine, t.site, t.place AS path, t.place, t.place || ' ' || coalesce(t.client, '?') AS subject, coalesce(t.client, '?') AS client, count(*) AS n, max(t.names) AS names, max(t.status) AS status,
  json_array(json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)), 'excerpt', max(iif(t.nth = 1, t.names, NULL))), json_object('entry', max(h.entry), 'line', max(h.line), 'excerpt', max(h.value))) AS evidence
FROM proxied_trace t CROSS JOIN path_item h ON h.machine = t.machine AND h.path = t.place AND h.section = 'system.webServer/handlers' AND h.collection = '' AND h.attribute = 'modules'
  AND h.value LIKE 'AspNetCoreModule%'
WHERE t.has_certificate AND t.status IN ('401', '403')
GROUP BY t.machine, t.place, t.client
ORDER BY t.machine, t.place, t.client
