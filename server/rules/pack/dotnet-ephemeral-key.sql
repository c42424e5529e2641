-- rule: dotnet-ephemeral-key
-- SPDX-License-Identifier: Apache-2.0
-- code: J09
-- title: A program hands Schannel a certificate whose key is only in its own memory
-- severity: error
-- confidence: V
-- role: client
-- needs: client/log-event client/cert-store:My
-- explains: 403.7.*
-- strength: may
-- message: Schannel of {machine} wrote {told} that the certificate of a client's credential has no private key attached (event 36869), and each certificate in the personal stores there has one: the program
--   made its certificate from a file (X509KeyStorageFlags.EphemeralKeySet, CreateFromPem, or a .cer file), and Schannel cannot use such a key (0x8009030E).
-- confirm: The program's own error must be 0x8009030E (SEC_E_NO_CREDENTIALS), and its certificate come from a file. Refuted when it takes it from a store.
-- remedy: In the program, store the key: export the certificate as PKCS#12 and load it again without EphemeralKeySet (new X509Certificate2(cert.Export(X509ContentType.Pkcs12))), or take it from a
--   Windows store.
-- references: https://learn.microsoft.com/dotnet/core/extensions/sslstream-troubleshooting
-- since: 1
SELECT m.machine, 'event 36869' AS subject, t.words AS told,
  iif(r.machine IS NULL, 'warning', NULL) AS severity, iif(r.machine IS NULL, NULL, 'seen') AS strength,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v WHERE v.machine = m.machine AND v.area = 'schannel' AND v.event_id = 36869) AS evidence
FROM machine m JOIN event_told t ON t.machine = m.machine AND t.area = 'schannel' AND t.event_id = 36869 AND t.side = 'client'
-- a request of a server of the case failed in that minute
LEFT JOIN (SELECT DISTINCT event_machine AS machine FROM client_event_request WHERE area = 'schannel' AND event_id = 36869 AND status = 403 AND substatus = 7) r ON r.machine = m.machine
WHERE m.is_client AND NOT m.is_server AND EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = m.machine)
  AND NOT EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = m.machine AND NOT o.has_key)
ORDER BY m.machine
