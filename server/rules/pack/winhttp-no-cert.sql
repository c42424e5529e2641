-- rule: winhttp-no-cert
-- SPDX-License-Identifier: Apache-2.0
-- code: J12
-- title: A program that uses WinHTTP presents no client certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-iis
-- explains: 403.7.*
-- message: "{agent_text}" from {client} was refused {count} time(s) at "{place}" (403.7, {first|time} to {last|time}), while others are served there. WinHTTP picks no
--   certificate by itself: the program must name one, and its account must be able to read the key.
-- why: {count} request(s) of a WinHTTP program from {client} came without a certificate while others are served.
-- confirm: On that client the program's own error says which: 12044 no certificate was given, 12185 it has no private key, 12186 its key may not be read.
-- remedy: Have the program name the certificate (WinHttpSetOption with WINHTTP_OPTION_CLIENT_CERT_CONTEXT, or SetClientCertificate
--   "LOCAL_MACHINE\My\<subject>"), and let its account read the key.
-- references: https://learn.microsoft.com/windows/win32/winhttp/ssl-in-winhttp https://learn.microsoft.com/windows/win32/winhttp/error-messages
-- since: 1
SELECT machine, site, place AS path, coalesce(place, site, '') AS place, coalesce(place, site, '') || ' ' || client AS subject, client, agent_text, count, first, last,
  (SELECT json_group_array(json_object('entry', q.entry, 'line', q.line, 'excerpt', q.excerpt)) FROM refused_request q WHERE q.machine = r.machine AND q.place IS r.place AND q.client = r.client) AS evidence
FROM refused_program r
WHERE family = 'winhttp'
ORDER BY machine, site, place, client, agent
