-- rule: ctl-identifier-unsupported
-- SPDX-License-Identifier: Apache-2.0
-- code: F17
-- title: A binding names a CTL, which this Windows no longer uses
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/reg-http|server/http-sslcert server/reg-system
-- message: The binding {endpoint} has DefaultSslCtlIdentifier "{ctl}", and {windows} does not use certificate trust lists any more: it has no
--   effect.
-- confirm: "Ctl Identifier" of the record must be set.
--   $ netsh http show sslcert
-- remedy: Make the record again with sslctlstorename= (a store with the CAs) and without sslctlidentifier.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT b.machine, b.endpoint AS subject, b.endpoint, b.ctl_identifier AS ctl, coalesce(m.windows, 'this Windows') AS windows,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultSslCtlIdentifier ' || b.ctl_identifier)) AS evidence
FROM ssl_binding b JOIN machine m ON m.machine = b.machine JOIN windows_default d ON d.machine = b.machine AND d.name = 'binding CTL' AND d.value = 0
WHERE coalesce(b.ctl_identifier, '') <> ''
GROUP BY b.machine, b.endpoint
ORDER BY b.machine, b.endpoint
