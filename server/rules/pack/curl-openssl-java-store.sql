-- rule: curl-openssl-java-store
-- SPDX-License-Identifier: Apache-2.0
-- code: J14
-- title: A program that does not look into the Windows stores presents no client certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-iis
-- explains: 403.7.*
-- message: "{agent_text}" from {client} was refused {count} time(s) at "{place}" (403.7, {first|time} to {last|time}), while others are served there. Such
--   programs take certificate, key and chain from files of their own, not from the Windows stores.
-- why: {count} request(s) of "{agent_text}" from {client} came without a certificate while others are served; it has a store of its own.
-- confirm: The same request with the certificate named is answered.
--   $ curl -v --cert CurrentUser\MY\<thumbprint> https://<host>/
--   $ keytool -list -v -keystore <file>
-- remedy: Give the program the certificate: curl (Schannel) --cert CurrentUser\MY\<thumbprint>, curl (OpenSSL) --cert and --key with the chain in the
--   PEM file; Java a key store in which "keytool -list -v" shows a PrivateKeyEntry with its chain; other libraries their own option.
-- references: https://curl.se/docs/manpage.html https://docs.oracle.com/en/java/javase/17/docs/specs/man/keytool.html
-- since: 1
SELECT machine, site, place AS path, coalesce(place, site, '') AS place, coalesce(place, site, '') || ' ' || client AS subject, client, agent_text, count, first, last,
  (SELECT json_group_array(json_object('entry', q.entry, 'line', q.line, 'excerpt', q.excerpt)) FROM refused_request q WHERE q.machine = r.machine AND q.place IS r.place AND q.client = r.client) AS evidence
FROM refused_program r
WHERE family = 'own'
ORDER BY machine, site, place, client, agent
