-- rule: tls-inspection-or-av
-- SPDX-License-Identifier: Apache-2.0
-- code: L05
-- title: A program or proxy that inspects TLS may stand between the client and the server
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:Root
-- uses: client/reg-client
-- explains: 403.7.*
-- message: "{subject_name}" stands among the trusted roots of {machine}: {product} opens TLS connections with certificates of its own. Where it opens this
--   one, the server's request for a certificate does not reach the browser.
--   {proxy_text}
-- why: The root "{subject_name}" of {product} is trusted on {machine}; where it opens the connection, the request for a certificate does not reach the client.
-- confirm: In the browser on that client, look at the certificate of the site: issued by "{subject_name}", the connection is inspected.
-- remedy: Except the host name from inspection in {product}, and try again.
-- references: https://learn.microsoft.com/aspnet/core/security/authentication/certauth https://learn.microsoft.com/azure/active-directory/app-proxy/application-proxy-security
-- since: 1
WITH vendor(pattern, product) AS (VALUES
  ('%zscaler%', 'Zscaler'), ('%fortinet%', 'FortiGate'), ('%fortigate%', 'FortiGate'), ('%palo alto%', 'a Palo Alto firewall'), ('%kaspersky%anti-virus%', 'Kaspersky'),
  ('%eset ssl filter%', 'ESET'), ('%avast%shield%', 'Avast'), ('%avg%shield%', 'AVG'), ('%bitdefender%personal%', 'Bitdefender'), ('%sophos%', 'Sophos'), ('%netskope%', 'Netskope'),
  ('%goskope%', 'Netskope'), ('%cisco umbrella%', 'Cisco Umbrella'), ('%blue coat%', 'a Blue Coat proxy'), ('%web gateway%', 'a web gateway'), ('%forcepoint%', 'Forcepoint'),
  ('%barracuda%', 'Barracuda'), ('%check point%inspection%', 'a Check Point gateway'), ('%do_not_trust_fiddler%', 'Fiddler'), ('%mitmproxy%', 'mitmproxy'), ('%charles proxy%', 'Charles'),
  ('%portswigger%', 'Burp'), ('%menlo security%', 'Menlo Security'))
SELECT s.machine, s.thumbprint AS subject, coalesce(c.subject_cn, c.subject) AS subject_name, min(v.product) AS product,
  -- by itself it is the ordinary state of many machines
  iif(EXISTS (SELECT 1 FROM symptom y WHERE y.status = 403 AND y.substatus = 7), NULL, 'info') AS severity,
  (SELECT 'Its users have a proxy set: ' || min(p.text) || '.' FROM client_setting p WHERE p.machine = s.machine AND p.setting IN ('ProxyServer', 'AutoConfigURL', 'WinHttp proxy') AND coalesce(p.text, '') <> ''
    AND (p.setting <> 'ProxyServer' OR EXISTS (SELECT 1 FROM client_setting e WHERE e.machine = p.machine AND e.user IS p.user AND e.setting = 'ProxyEnable' AND e.value = 1)) HAVING count(*) > 0) AS proxy_text,
  json_array(json_object('thumbprint', s.thumbprint, 'store', s.location || '\' || s.store), json_object('entry', min(s.entry), 'line', min(s.line))) AS evidence
FROM store_certificate s JOIN machine m ON m.machine = s.machine AND m.is_client
JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
JOIN vendor v ON lower(c.subject) LIKE v.pattern
WHERE s.store = 'Root' AND coalesce(s.physical, '') <> 'AuthRoot'
GROUP BY s.machine, s.thumbprint
ORDER BY s.machine, s.thumbprint
