-- Handshakes against the bindings that they were for, and in one line.

-- Which binding a handshake was for: what the probe itself says, else the host name that the client named (or that was connected to), by the
-- binding's host name, or, where the binding has none, by a name in its certificate. side: 'server', recorded on the machine that
-- has the binding; 'client', recorded on another one (view client_handshake: on a client). name: that name. is_local: recorded between the server and itself, so that no device is in between.
CREATE VIEW handshake_binding AS
WITH named AS MATERIALIZED (
SELECT h.rowid AS id, h.machine, h.site, h.binding, h.server_port, lower(coalesce(h.sni, h.host)) AS name FROM handshake h WHERE h.server_port IS NOT NULL),
bound AS MATERIALIZED (
SELECT DISTINCT b.machine, b.site, b.information, b.port, lower(coalesce(nullif(b.host, '*'), '')) AS host, b.tree, b.endpoint, b.negotiate, b.thumbprint, b.modified, b.entry, b.line
FROM effective_binding b WHERE b.endpoint IS NOT NULL),
once AS MATERIALIZED (
SELECT n.id, n.name, b.* FROM named n JOIN bound b ON b.port = n.server_port AND (
  (n.site IS NOT NULL AND n.machine = b.machine AND n.site = b.site AND n.binding = b.information)
  OR (n.site IS NULL AND b.host <> '' AND b.host = n.name)
  OR (n.site IS NULL AND b.host = '' AND NOT EXISTS (SELECT 1 FROM bound o WHERE o.machine = b.machine AND o.port = b.port AND o.host = n.name)
    AND EXISTS (SELECT 1 FROM certificate_name c WHERE c.machine = b.machine AND c.thumbprint = b.thumbprint AND c.kind = 'dns'
      AND (lower(c.value) = n.name OR (c.value LIKE '*.%' AND substr(n.name, instr(n.name, '.')) = lower(substr(c.value, 2))))))))
SELECT o.machine, o.site, o.information, o.name, o.port, o.host, o.tree, o.endpoint, o.negotiate, o.thumbprint AS bound_thumbprint, o.modified,
  o.entry AS binding_entry, o.line AS binding_line, iif(h.machine = o.machine, 'server', 'client') AS side, h.machine = o.machine AND coalesce(h.local, 0) AS is_local,
  h.machine AS seen_on, h.entry, h.connection, h.source, h.how, h.time, h.client_address, h.server_address, h.bytes_before, h.sni, h.version, h.asked, h.asked_why,
  h.client_certificate, h.server_thumbprint, h.renegotiated, h.renegotiated_after_data, h.end_by, h.end_how
FROM once o JOIN handshake h ON h.rowid = o.id;

-- Handshakes that say the same, in one row: who saw them, with which server, and what became of the question for a certificate.
CREATE VIEW handshake_seen AS
WITH once AS MATERIALIZED (
SELECT machine, source, coalesce(sni, host, server_address, '?') || ':' || coalesce(server_port, '?') AS server, local, version, asked, asked_why, asked_late,
  client_certificate, coalesce(alert_by || ' alert ' || alert, '') AS alert, outcome, stage, authorities,
  count(*) AS count, min(time) AS first, max(time) AS last, min(entry) AS entry, min(connection) AS connection, max(text) AS text,
  min(server_address) AS server_address
FROM handshake
GROUP BY machine, source, coalesce(sni, host, server_address, '?'), server_port, local, version, asked, asked_why, asked_late, client_certificate,
  coalesce(alert_by || ' alert ' || alert, ''), outcome, stage, authorities)
SELECT machine, source, server, server_address, local, version, asked, asked_why, asked_late, client_certificate, authorities, count, first, last, entry, connection,
  CASE WHEN asked = 'yes' THEN 'asked for a client certificate' || CASE WHEN authorities = 0 THEN ', naming no issuers' WHEN authorities > 0 THEN ', naming '
      || authorities || iif(authorities = 1, ' issuer', ' issuers') ELSE '' END
      || CASE client_certificate WHEN 'sent' THEN '; the client sent one' WHEN 'empty' THEN '; the client had none to give' WHEN 'unanswered' THEN '; the client ended it'
        ELSE '; what the client answered cannot be known' END
    WHEN asked = 'no' THEN 'did not ask for a client certificate' || iif(asked_late, ', and did when the path was requested', '')
    ELSE 'cannot be known whether it asked: ' || CASE asked_why
      WHEN 'TLS 1.3' THEN 'in TLS 1.3 that is encrypted' WHEN 'renegotiated' THEN 'not in the first handshake; a later one is encrypted'
      WHEN 'resumed' THEN 'an earlier session was resumed' WHEN 'no ServerHello' THEN 'the server did not answer the ClientHello'
      WHEN 'cut off' THEN 'the handshake ended before the ServerHelloDone' WHEN 'bytes missing' THEN 'bytes are missing in the capture'
      ELSE coalesce('the connection ended at ' || stage || coalesce(' (' || text || ')', ''), 'the handshake is not recorded') END END
    || coalesce('; ' || nullif(alert, ''), '') AS words
FROM once;
