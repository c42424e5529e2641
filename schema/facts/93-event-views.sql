-- What events say, in words, and which requests stand beside them.

-- TLS alerts (RFC 8446 6.2, RFC 5246 7.2.2; causes K14). about: certificate (one side dislikes the other's), protocol, other.
CREATE VIEW tls_alert AS
WITH alert(alert, name, about) AS (VALUES
  (0, 'close_notify', 'other'), (10, 'unexpected_message', 'protocol'), (20, 'bad_record_mac', 'other'), (21, 'decryption_failed', 'other'),
  (22, 'record_overflow', 'other'), (30, 'decompression_failure', 'other'), (40, 'handshake_failure', 'protocol'),
  (41, 'no_certificate', 'certificate'), (42, 'bad_certificate', 'certificate'), (43, 'unsupported_certificate', 'certificate'),
  (44, 'certificate_revoked', 'certificate'), (45, 'certificate_expired', 'certificate'), (46, 'certificate_unknown', 'certificate'),
  (47, 'illegal_parameter', 'protocol'), (48, 'unknown_ca', 'certificate'), (49, 'access_denied', 'certificate'), (50, 'decode_error', 'protocol'),
  (51, 'decrypt_error', 'other'), (60, 'export_restriction', 'protocol'), (70, 'protocol_version', 'protocol'),
  (71, 'insufficient_security', 'protocol'), (80, 'internal_error', 'other'), (86, 'inappropriate_fallback', 'protocol'), (90, 'user_canceled', 'other'),
  (100, 'no_renegotiation', 'protocol'), (109, 'missing_extension', 'protocol'), (110, 'unsupported_extension', 'protocol'),
  (111, 'certificate_unobtainable', 'certificate'), (112, 'unrecognized_name', 'other'), (113, 'bad_certificate_status_response', 'certificate'),
  (114, 'bad_certificate_hash_value', 'certificate'), (115, 'unknown_psk_identity', 'other'), (116, 'certificate_required', 'certificate'),
  (120, 'no_application_protocol', 'protocol'))
SELECT alert, name, about FROM alert;

-- Events of this field by number (causes K15, M12, §10; https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11),
-- KB5014754). kind: key (a private key), credential, protocol, client-certificate, server-certificate, mapping, issuer-list, alert, handshake (a success),
-- chain, policy, revocation, retrieval, binding, logon, clock, domain, configuration. bad: it tells of a failure even when nothing else in it says so.
CREATE VIEW event_meaning AS
WITH e(area, event_id, kind, bad, meaning) AS (VALUES
  ('schannel', 36865, 'credential', 1, 'a module of the cryptographic system could not be opened'),
  ('schannel', 36869, 'key', 1, 'the certificate of the credential has no private key attached'),
  ('schannel', 36870, 'key', 1, 'the private key of the credential could not be used'),
  ('schannel', 36871, 'credential', 1, 'no TLS credential could be made'),
  ('schannel', 36872, 'credential', 1, 'no usable certificate for the server''s credential'),
  ('schannel', 36873, 'protocol', 1, 'no cipher suite is enabled'),
  ('schannel', 36874, 'protocol', 1, 'the client offers no cipher suite that the server supports'),
  ('schannel', 36875, 'client-certificate', 1, 'the server asked for a client certificate and no suitable one was found; the connection goes on without'),
  ('schannel', 36876, 'server-certificate', 1, 'the certificate of the server did not validate'),
  ('schannel', 36877, 'client-certificate', 1, 'the certificate of the client did not validate'),
  ('schannel', 36878, 'mapping', 1, 'the certificate of the client is not fit to be mapped to an account'),
  ('schannel', 36879, 'mapping', 1, 'the certificate of the client was not mapped to an account'),
  ('schannel', 36880, 'handshake', 0, 'a handshake was completed'),
  ('schannel', 36881, 'server-certificate', 1, 'the certificate of the server has expired or is not yet valid'),
  ('schannel', 36882, 'server-certificate', 1, 'the certificate of the server was issued by an authority that is not trusted'),
  ('schannel', 36883, 'server-certificate', 1, 'the certificate of the server is revoked'),
  ('schannel', 36884, 'server-certificate', 1, 'the certificate of the server is for another name'),
  ('schannel', 36885, 'issuer-list', 1, 'the list of trusted issuers is too long and was cut'),
  ('schannel', 36886, 'credential', 1, 'this machine has no default server credential'),
  ('schannel', 36887, 'alert', 1, 'a fatal alert was received'),
  ('schannel', 36888, 'alert', 1, 'a fatal alert was sent'),
  ('schannel', 36889, 'credential', 1, 'the chain of the credential''s certificate is not complete'),
  ('capi2', 11, 'chain', 0, 'a chain was built'),
  ('capi2', 30, 'policy', 0, 'a chain was checked against a policy'),
  ('capi2', 41, 'revocation', 0, 'revocation was checked'),
  ('capi2', 42, 'revocation', 0, 'an answer about revocation was rejected'),
  ('capi2', 51, 'retrieval', 0, 'an object was looked for in the cache'),
  ('capi2', 53, 'retrieval', 0, 'an object was fetched from the network'),
  ('capi2', 70, 'key', 0, 'a private key was acquired'),
  ('capi2', 80, 'policy', 0, 'the verification of a signature began'),
  ('capi2', 81, 'policy', 0, 'a signature was verified'),
  ('capi2', 90, 'chain', 0, 'the certificates of a chain'),
  ('http', 15005, 'binding', 1, 'http.sys could not bind to the transport'),
  ('http', 15021, 'binding', 1, 'http.sys could not use the TLS configuration of this endpoint'),
  ('http', 15300, 'binding', 0, 'the TLS configuration of this endpoint was deleted'),
  ('http', 15301, 'binding', 0, 'the TLS configuration of this endpoint was created'),
  ('kdc', 39, 'mapping', 1, 'the certificate could not be mapped to its account in a strong way'),
  ('kdc', 40, 'mapping', 1, 'the certificate is older than the account that it is mapped to'),
  ('kdc', 41, 'mapping', 1, 'the SID in the certificate is not that of the account (on 2008 and 2008 R2: not mapped in a strong way)'),
  ('kdc', 45, 'mapping', 1, 'the certificate does not chain to a CA of the NTAuth store'),
  ('kdc', 48, 'mapping', 1, 'the certificate is older than the account that it is mapped to (2008, 2008 R2)'),
  ('kdc', 49, 'mapping', 1, 'the SID in the certificate is not that of the account (2008, 2008 R2)'),
  ('kdc', 19, 'mapping', 1, 'a smart card logon was tried and the KDC cannot use PKINIT'),
  ('kdc', 21, 'mapping', 1, 'the certificate of the user is not valid'),
  ('kdc', 29, 'mapping', 1, 'the KDC has no suitable certificate for smart card logons'),
  ('netlogon', 5719, 'domain', 1, 'no domain controller could be reached'),
  ('time', 29, 'clock', 1, 'no source of time is reachable'),
  ('time', 36, 'clock', 1, 'the clock was not set for a day'),
  ('time', 47, 'clock', 1, 'a source of time does not answer'),
  ('time', 50, 'clock', 1, 'the clock differs from its source by more than the limit'),
  ('time', 129, 'clock', 1, 'no domain peer can be found as a source of time'),
  ('time', 134, 'clock', 1, 'the name of a source of time cannot be resolved'),
  ('time', 142, 'clock', 1, 'the clock is not in step any more'),
  ('security', 4625, 'logon', 1, 'a logon failed'),
  ('security', 4768, 'logon', 0, 'a Kerberos ticket was asked for'),
  ('security', 4771, 'logon', 1, 'Kerberos pre-authentication failed'),
  ('security', 4776, 'logon', 0, 'credentials were checked by NTLM'))
SELECT area, event_id, kind, bad, meaning FROM e;

-- Computers that events name, and whether that is the machine whose bundle holds them: a customer may add the log of a client, or of a domain
-- controller, to the server's bundle. own: the same name, or one of the two is not known.
CREATE VIEW event_computer AS
SELECT m.machine, c.computer, m.name IS NULL OR c.computer IS NULL
  OR lower(iif(instr(c.computer, '.'), substr(c.computer, 1, instr(c.computer, '.') - 1), c.computer)) = lower(m.name) AS own
FROM machine m JOIN (SELECT DISTINCT machine, computer FROM event_count) c ON c.machine = m.machine;

-- Events in one row a kind: exact counts, with the words. failed: it tells of a failure, by its number or
-- its result; one whose number is not known, by its level.
CREATE VIEW event_seen AS
WITH once AS MATERIALIZED (
SELECT c.machine, c.computer, w.own, c.area, c.event_id, min(c.level) AS level, c.side, c.code, c.error, c.error_text, c.state, c.status, c.process,
  sum(c.count) AS count, min(c.first) AS first, max(c.last) AS last
FROM event_count c JOIN event_computer w ON w.machine = c.machine AND w.computer IS c.computer
GROUP BY c.machine, c.computer, c.area, c.event_id, c.side, c.code, c.error, c.state, c.status, c.process)
SELECT o.*, m.kind, m.meaning, a.name AS alert,
  CASE WHEN o.area = 'schannel' AND o.event_id = 36887 AND a.about = 'certificate' THEN 'the other side dislikes the certificate of this one'
    WHEN o.area = 'schannel' AND o.event_id = 36888 AND a.about = 'certificate' THEN 'this side dislikes the certificate of the other one' END AS alert_meaning,
  CASE WHEN m.bad OR coalesce(o.error, 0) <> 0 OR o.status IS NOT NULL THEN 1 WHEN m.bad = 0 THEN 0
    ELSE coalesce(o.level, 4) BETWEEN 1 AND 3 END AS failed
FROM once o LEFT JOIN event_meaning m ON m.area = o.area AND m.event_id = o.event_id
  LEFT JOIN tls_alert a ON o.area = 'schannel' AND o.event_id IN (36887, 36888) AND a.alert = o.code;

-- An event that tells of a failure next to the requests that failed in the same minute on the same machine (15 s of grace at its ends).
CREATE VIEW event_request AS
WITH e AS MATERIALIZED (
SELECT e.machine, e.entry AS event_entry, e.line AS event_line, e.record, e.time AS event_time, e.area, e.event_id, e.level, e.side, e.code, e.error,
  e.error_text, e.state, e.status AS event_status, e.process, e.subject, e.thumbprint, e.endpoint, e.target
FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
  LEFT JOIN event_meaning m ON m.area = e.area AND m.event_id = e.event_id
WHERE e.time IS NOT NULL
  AND CASE WHEN m.bad OR coalesce(e.error, 0) <> 0 OR e.status IS NOT NULL THEN 1 WHEN m.bad = 0 THEN 0
    ELSE coalesce(e.level, 4) BETWEEN 1 AND 3 END),
near AS MATERIALIZED (
SELECT e.*, (e.event_time - 15000) / 60000 * 60000 + n.i * 60000 AS minute
FROM e JOIN (SELECT 0 AS i UNION ALL SELECT 1) n ON n.i = 0 OR (e.event_time + 15000) / 60000 > (e.event_time - 15000) / 60000)
SELECT n.*, r.site, r.site_id, r.place, r.status, r.substatus, r.win32, r.count, r.client, r.url, r.entry, r.line
FROM near n JOIN request_minute r ON r.machine = n.machine AND r.minute = n.minute;

-- Failures that Schannel of another computer wrote, of a client of the case or one whose log was added, within a minute of a sampled request that failed on a server.
CREATE VIEW client_event_request AS
WITH e AS MATERIALIZED (
SELECT iif(o.own, e.machine, e.computer) AS event_machine, o.own, e.machine AS holder, e.entry AS event_entry, e.line AS event_line, e.record, e.time AS event_time, e.area, e.event_id, e.side, e.code, e.error,
  e.error_text, e.status AS event_status, e.process, e.time / 60000 + n.i AS minute
FROM event e JOIN machine m ON m.machine = e.machine JOIN event_computer o ON o.machine = e.machine AND o.computer IS e.computer AND (NOT o.own OR (m.is_client AND NOT m.is_server))
JOIN event_meaning w ON w.area = e.area AND w.event_id = e.event_id AND w.bad
JOIN (SELECT -1 AS i UNION ALL SELECT 0 UNION ALL SELECT 1) n
WHERE e.area = 'schannel' AND e.time IS NOT NULL AND coalesce(e.side, 'client') = 'client'),
r AS MATERIALIZED (
SELECT r.machine, r.site, r.place, r.time, r.status, r.substatus, r.win32, r.client, r.url, r.entry, r.line, r.time / 60000 AS minute
FROM request r WHERE r.status IN (401, 403, 413, 500) AND EXISTS (SELECT 1 FROM e))
SELECT r.machine, r.site, r.place, r.time, r.status, r.substatus, r.win32, r.client, r.url, r.entry, r.line, e.event_machine, e.event_entry, e.event_line, e.record,
  e.event_time, e.area, e.event_id, e.side, e.code, e.error, e.error_text, e.event_status, e.process
FROM e JOIN r ON r.minute = e.minute AND (r.machine <> e.holder OR NOT e.own)
WHERE abs(r.time - e.event_time) <= 60000;

-- Up to three events of each kind of event_seen, the newest ones, in words for the evidence of a finding.
CREATE VIEW event_evidence AS
WITH once AS MATERIALIZED (
SELECT e.machine, e.computer, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process, e.time, e.entry, e.line, e.record,
  coalesce(e.provider, e.area) || ' ' || e.event_id || coalesce(' at ' || iso(e.time), '') || coalesce(', record ' || e.record, '')
    || coalesce(', ' || e.side, '') || coalesce(', alert ' || iif(e.area = 'schannel', e.code, NULL), '') || coalesce(', ' || hex32(nullif(e.error, 0)), '')
    || coalesce(', ' || e.process, '') || coalesce(', ' || e.endpoint, '') || coalesce(', ' || e.account, '') || coalesce(', ' || e.subject, '') AS excerpt,
  row_number() OVER (PARTITION BY e.machine, e.computer, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process ORDER BY e.time DESC, e.entry, e.record) AS n
FROM event e)
SELECT * FROM once WHERE n <= 3;

-- How many failed requests stand in the minutes of each kind of event, a place that they are at and their statuses.
CREATE VIEW event_beside AS
WITH e AS MATERIALIZED (
SELECT DISTINCT e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process, (e.time + n.grace) / 60000 * 60000 AS minute
FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
  JOIN (SELECT -15000 AS grace UNION ALL SELECT 15000) n
WHERE e.time IS NOT NULL),
r AS MATERIALIZED (
SELECT machine, minute, sum(count) AS count, max(place) AS place, max(status = 401) * 1 + max(status = 403 AND substatus = 7) * 2 + max(status = 403 AND substatus = 13) * 4
  + max(status = 403 AND substatus = 16) * 8 + max(status = 403 AND substatus = 17) * 16 + max(status = 413) * 32 + max(status = 500) * 64 AS bits
FROM request_minute GROUP BY machine, minute),
b AS MATERIALIZED (
SELECT e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status AS status_words, e.process, sum(r.count) AS requests, max(r.place) AS place,
  max(r.bits & 1) | max(r.bits & 2) | max(r.bits & 4) | max(r.bits & 8) | max(r.bits & 16) | max(r.bits & 32) | max(r.bits & 64) AS bits
FROM e JOIN r ON r.machine = e.machine AND r.minute = e.minute
GROUP BY e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process)
SELECT machine, area, event_id, side, code, error, state, status_words, process, requests, place,
  coalesce(nullif(trim(iif(bits & 1, '401, ', '') || iif(bits & 2, '403.7, ', '') || iif(bits & 4, '403.13, ', '') || iif(bits & 8, '403.16, ', '') || iif(bits & 16, '403.17, ', '')
    || iif(bits & 32, '413, ', '') || iif(bits & 64, '500, ', ''), ', '), ''), 'other statuses') AS statuses
FROM b;

-- What a domain controller says of certificates that it did not map (KB5014754): one row an account and certificate. machine: the controller, as
-- its log names it where that was added to another machine's bundle. about: strong (no strong
-- mapping), predates (the certificate is older than the account), sid (it has the SID of another account), ntauth (its CA is not in NTAuth).
CREATE VIEW kdc_refusal AS
WITH e AS MATERIALIZED (
SELECT e.*, iif(w.own, e.machine, e.computer) AS dc, CASE WHEN w.own AND d.value = 0 THEN CASE e.event_id WHEN 41 THEN 'strong' WHEN 48 THEN 'predates' WHEN 49 THEN 'sid' WHEN 45 THEN 'ntauth' END
  ELSE CASE e.event_id WHEN 39 THEN 'strong' WHEN 40 THEN 'predates' WHEN 41 THEN 'sid' WHEN 45 THEN 'ntauth' END END AS about
FROM event e LEFT JOIN windows_default d ON d.machine = e.machine AND d.name = 'Kdc events anew' JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer
WHERE e.area = 'kdc')
SELECT dc AS machine, about, event_id, account, subject, issuer, serial, thumbprint, count(*) AS count, min(time) AS first, max(time) AS last, max(entry) AS entry,
  max(line) AS line, max(level) AS level
FROM e WHERE about IS NOT NULL
GROUP BY dc, about, event_id, account, thumbprint, serial;

-- Servers that map certificates by Active Directory, at a path or by an http.sys record, with the first such path.
CREATE VIEW admap_server AS
WITH once AS MATERIALIZED (
SELECT machine, min(site) AS site, min(path) AS path FROM (
  SELECT machine, site, path FROM site_path WHERE ad_mapping AND broken = 0
  UNION ALL SELECT machine, site, site FROM effective_binding WHERE ds_mapper)
GROUP BY machine)
SELECT * FROM once;

-- Is the System log of a domain controller in the case? One row when it is.
CREATE VIEW dc_log AS
SELECT DISTINCT 1 AS seen FROM event_channel c JOIN machine m ON m.machine = c.machine
WHERE (m.is_dc AND lower(c.channel) = 'system') OR EXISTS (SELECT 1 FROM event_count k WHERE k.machine = c.machine AND k.area = 'kdc');

-- What an event says in a few words, to stand in another rule's message: "12 time(s), the last at 2024-03-12T08:38:30.000Z (0x8009030d)".
CREATE VIEW event_told AS
SELECT machine, area, event_id, side, sum(count) || ' time(s), the last at ' || iso(max(last))
  || coalesce(' (' || group_concat(DISTINCT hex32(nullif(error, 0))) || ')', '') AS words
FROM (SELECT * FROM event_seen WHERE own ORDER BY error)
GROUP BY machine, area, event_id, side;

-- Accounts that this case is about, in lower case without domain: named by the complaint, or by the mapping of a certificate.
CREATE VIEW case_account AS
WITH a AS (
SELECT account FROM complaint WHERE coalesce(account, '') <> ''
UNION SELECT user_name FROM site_mapping WHERE coalesce(user_name, '') <> '')
SELECT DISTINCT lower(CASE WHEN instr(account, '\') THEN substr(account, instr(account, '\') + 1) WHEN instr(account, '@') THEN substr(account, 1, instr(account, '@') - 1)
  ELSE account END) AS account FROM a;
