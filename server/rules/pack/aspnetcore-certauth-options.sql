-- rule: aspnetcore-certauth-options
-- SPDX-License-Identifier: Apache-2.0
-- code: J20
-- title: The ASP.NET Core application itself refuses the client certificate (403 without a substatus)
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/log-iis
-- explains: 403.0.*
-- strength: may
-- message: "{path}" asks for a client certificate, and its application (ASP.NET Core) answered {n} request(s) with 403 without a substatus, the last at {last|time}: IIS let them
--   pass ({share} % of all requests there). AddCertificate refuses by default certificates that are self-signed, that lack client authentication, that are not valid now, and whose revocation cannot be checked online.
--   {self_signed_text}
-- why: IIS let {n} request(s) at "{path}" pass, and the ASP.NET Core application behind it answered 403.
-- confirm: The application's log names the reason (CertificateAuthenticationHandler, level Warning), when Microsoft.AspNetCore.Authentication is logged.
-- remedy: Set the options of AddCertificate to what the certificates are: AllowedCertificateTypes (CertificateTypes.All for self-signed ones), ValidateCertificateUse,
--   ValidateValidityPeriod, RevocationMode; or issue certificates that pass.
-- references: https://learn.microsoft.com/aspnet/core/security/authentication/certauth
-- since: 1
WITH refused AS ( -- and of how many in all
  SELECT machine, place, sum(iif(status = 403 AND coalesce(substatus, 0) = 0, count, 0)) AS n, sum(count) AS total, max(iif(status = 403 AND coalesce(substatus, 0) = 0, last, NULL)) AS last
  FROM request_count GROUP BY machine, place)
SELECT w.machine, w.site, w.path, w.path AS subject, r.n, 100 * r.n / r.total AS share, r.last,
  -- an application refuses one or another user at any time
  iif(2 * r.n >= r.total, NULL, 'info') AS severity,
  (SELECT 'The certificate ' || min(o.name) || ' of the client is self-signed.' FROM client_offer o WHERE o.self_signed AND o.named HAVING count(*) > 0) AS self_signed_text,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', q.entry, 'line', q.line, 'excerpt', coalesce(q.method, '') || ' ' || coalesce(q.url, '') || ' 403 0') AS e FROM request q
    WHERE q.machine = w.machine AND q.place = w.path AND q.status = 403 AND coalesce(q.substatus, 0) = 0 ORDER BY q.time, q.entry, q.line LIMIT 3)) AS evidence
FROM cert_wanted w CROSS JOIN refused r ON r.machine = w.machine AND r.place = w.path AND r.n > 0
WHERE (w.negotiates OR w.requires) AND EXISTS (SELECT 1 FROM path_item h WHERE h.machine = w.machine AND h.path = w.path AND h.section = 'system.webServer/handlers' AND h.collection = ''
  AND h.attribute = 'modules' AND h.value LIKE 'AspNetCoreModule%')
ORDER BY w.machine, w.path
