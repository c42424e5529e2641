-- rule: tls-inspection-or-av
-- SPDX-License-Identifier: Apache-2.0
-- code: L05
-- title: A program or proxy that inspects TLS stands between the client and the server
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:Root
-- uses: client/reg-client client/tls-probe client/attachment
-- explains: 403.7.*
-- strength: may
-- message: {what}
--   {proxy_text}
-- why: {what}
-- confirm: In the browser on that client, look at the certificate of the site: issued by "{subject_name}", the connection is inspected.
-- remedy: Except the host name from inspection in {product}, and try again.
-- references: https://learn.microsoft.com/aspnet/core/security/authentication/certauth https://www.rfc-editor.org/rfc/rfc8446#section-4.3.2
-- since: 1
WITH root AS MATERIALIZED (
  SELECT s.machine, s.location, s.store, s.thumbprint, c.subject_cn, c.subject, lower(c.subject) AS words, s.entry, s.line FROM machine m CROSS JOIN store_certificate s ON s.machine = m.machine
  CROSS JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint WHERE m.is_client AND lower(s.store) = 'root' AND +s.store = 'Root' AND coalesce(s.physical, '') <> 'AuthRoot'),
found AS (
  SELECT h.machine, 'handshake ' || h.name AS subject, c.issuer AS subject_name, min(v.product) AS product, NULL AS severity, 'seen' AS strength,
    'On ' || h.machine || ' the certificate that came for ' || h.name || ' was issued by "' || c.issuer || '", which is ' || min(v.product) || ', and not the one that is bound at ' || min(h.server)
      || ': the connection is opened on its way, and the server''s request for a certificate does not reach the client.' AS what,
    json_array(json_object('entry', min(h.entry), 'excerpt', 'server certificate ' || h.server_thumbprint)) AS evidence
  FROM client_handshake h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.server_thumbprint JOIN inspection_product v ON lower(c.issuer) LIKE v.pattern
  WHERE h.is_other AND h.asks
  GROUP BY h.machine, h.name, c.issuer
  UNION ALL -- without the server: what is bound there is not known, and the name of the product in the certificate says enough
  SELECT h.machine, 'handshake ' || lower(coalesce(h.sni, h.host)), c.issuer, min(v.product), iif(max(q.host) IS NULL, 'warning', NULL), iif(max(q.host) IS NULL, 'may', 'seen'),
    'On ' || h.machine || ' the certificate that came for ' || lower(coalesce(h.sni, h.host)) || ' was issued by "' || c.issuer || '", which is ' || min(v.product)
      || ': the connection is opened on its way, and the server''s request for a certificate does not reach the client.',
    json_array(json_object('entry', min(h.entry), 'excerpt', 'server certificate ' || h.server_thumbprint))
  FROM handshake h JOIN machine k ON k.machine = h.machine AND k.is_client JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.server_thumbprint
  JOIN inspection_product v ON lower(c.issuer) LIKE v.pattern LEFT JOIN complaint q ON lower(q.host) = lower(coalesce(h.sni, h.host))
  WHERE coalesce(h.sni, h.host) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM machine s WHERE s.is_server)
  GROUP BY h.machine, lower(coalesce(h.sni, h.host)), c.issuer
  UNION ALL
  SELECT s.machine, s.thumbprint, coalesce(s.subject_cn, s.subject), min(v.product),
    -- by itself it is the ordinary state of many machines
    iif(EXISTS (SELECT 1 FROM symptom y WHERE y.status = 403 AND y.substatus = 7), 'warning', 'info'), 'may',
    '"' || coalesce(s.subject_cn, s.subject) || '" stands among the trusted roots of ' || s.machine || ': ' || min(v.product)
      || ' opens TLS connections with certificates of its own. Where it opens this one, the server''s request for a certificate does not reach the client.',
    json_array(json_object('thumbprint', s.thumbprint, 'store', s.location || '\' || s.store), json_object('entry', min(s.entry), 'line', min(s.line)))
  FROM root s JOIN inspection_product v ON s.words LIKE v.pattern
  GROUP BY s.machine, s.thumbprint)
SELECT f.*,
  (SELECT 'Its users have a proxy set: ' || min(p.text) || '.' FROM client_setting p WHERE p.machine = f.machine AND p.setting IN ('ProxyServer', 'AutoConfigURL', 'WinHttp proxy') AND coalesce(p.text, '') <> ''
    AND (p.setting <> 'ProxyServer' OR EXISTS (SELECT 1 FROM client_setting e WHERE e.machine = p.machine AND e.user IS p.user AND e.setting = 'ProxyEnable' AND e.value = 1)) HAVING count(*) > 0) AS proxy_text
FROM found f
ORDER BY f.machine, f.subject
