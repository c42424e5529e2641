-- rule: certificaterequest-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: L06
-- title: The client is not asked for a certificate, though the server's binding asks for one
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- uses: client/tls-probe client/attachment server/tls-probe server/attachment
-- applies: CASE WHEN EXISTS (SELECT 1 FROM client_handshake WHERE server = :machine) THEN 1 ELSE 'no handshake of a client with this server is in the evidence' END
-- explains: 403.7.*
-- strength: seen
-- message: On {client} the handshake for {name} ({address}, {version}) was completed without a request for a certificate ({why_not}), {but_text}
--   {local_text}
-- confirm: A capture on the server at the same time shows whether the connection arrives there, and whether the request leaves it.
--   $ openssl s_client -connect <address of the server itself:443> -servername <name>
-- remedy: Find what answers at that address: a load balancer or proxy that ends TLS must let TCP through for this name, or ask for the certificate itself. Where the connection does arrive at the server,
--   the record was changed after the HTTP service had read it: restart the machine.
-- references: https://www.rfc-editor.org/rfc/rfc5246#section-7.4.4 https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
WITH local AS MATERIALIZED ( -- recorded on the server: between it and itself, or as it left its network card
  SELECT machine, endpoint, max(asked = 'yes') AS is_asking, max(asked = 'no') AS is_silent, min(iif(asked = 'yes', entry, NULL)) AS asking_entry, min(iif(asked = 'no', entry, NULL)) AS silent_entry
  FROM handshake_binding WHERE side = 'server' AND (is_local OR source = 'capture') AND coalesce(time >= modified, 1) GROUP BY machine, endpoint)
SELECT h.server AS machine, h.site, h.name || ' on ' || h.machine AS subject, h.machine AS client, h.name, coalesce(h.server_address || ':' || h.server_port, '?') AS address, coalesce(h.version, '?') AS version,
  h.asked_why AS why_not, h.endpoint,
  iif(l.is_silent AND NOT l.is_asking, 'warning', NULL) AS severity,
  iif(h.negotiate, 'and the record ' || h.endpoint || ' of ' || h.server || ' negotiates one: what answered there is not this binding as it stands.',
    'and ' || h.endpoint || ' of ' || h.server || ' asks for one in its first handshake.') AS but_text,
  CASE WHEN l.is_asking THEN 'Recorded on ' || h.server || ' itself, the server asks (' || l.asking_entry || '): a device between the two has a TLS connection of its own to each of them.'
    WHEN l.is_silent THEN 'Recorded on ' || h.server || ' itself, the server does not ask either (' || l.silent_entry || '): no device is needed to explain it.' END AS local_text,
  iif(coalesce(l.asking_entry, l.silent_entry) IS NULL, json_array(json_object('entry', min(h.entry)), json_object('entry', h.binding_entry, 'line', h.binding_line, 'excerpt', h.endpoint)),
    json_array(json_object('entry', min(h.entry)), json_object('entry', h.binding_entry, 'line', h.binding_line, 'excerpt', h.endpoint), json_object('entry', coalesce(l.asking_entry, l.silent_entry)))) AS evidence
FROM client_handshake h LEFT JOIN local l ON l.machine = h.server AND l.endpoint = h.endpoint
-- in TLS 1.3, and where it is asked for later, its absence shows nothing; another certificate than the bound one is L01's, or L05's
WHERE h.asked = 'no' AND h.asks AND (h.negotiate OR l.is_asking) AND NOT h.is_other
GROUP BY h.server, h.site, h.endpoint, h.name, h.machine
ORDER BY h.server, h.name, h.machine
