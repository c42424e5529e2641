-- rule: certificaterequest-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: L06
-- title: The client is not asked for a certificate, though the server's binding asks for one
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- uses: client/tls-probe client/attachment
-- applies: CASE WHEN EXISTS (SELECT 1 FROM client_handshake WHERE server = :machine) THEN 1 ELSE 'no handshake of a client with this server is in the evidence' END
-- explains: 403.7.*
-- strength: seen
-- message: On {client} the handshake for {name} ({address}, {version}) was completed without a request for a certificate ({why_not}), and the record {endpoint} of {machine} negotiates one: what answered
--   there is not this binding as it stands.
-- confirm: A capture on the server at the same time shows whether the connection arrives there, and whether the request leaves it.
--   $ openssl s_client -connect <address of the server itself:443> -servername <name>
-- remedy: Find what answers at that address: a load balancer or proxy that ends TLS must let TCP through for this name, or ask for the certificate itself. Where the connection does arrive at the server,
--   the record was changed after the HTTP service had read it: restart the machine.
-- references: https://www.rfc-editor.org/rfc/rfc5246#section-7.4.4 https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT h.server AS machine, h.site, h.name || ' on ' || h.machine AS subject, h.machine AS client, h.name, coalesce(h.server_address || ':' || h.server_port, '?') AS address, coalesce(h.version, '?') AS version,
  h.asked_why AS why_not, h.endpoint,
  json_array(json_object('entry', min(h.entry)), json_object('entry', h.binding_entry, 'line', h.binding_line, 'excerpt', h.endpoint)) AS evidence
FROM client_handshake h
-- in TLS 1.3, and where it is asked for later, its absence shows nothing; another certificate than the bound one is L01's, or L05's
WHERE h.asked = 'no' AND h.negotiate AND h.asks AND NOT h.is_other
GROUP BY h.server, h.site, h.endpoint, h.name, h.machine
ORDER BY h.server, h.name, h.machine
