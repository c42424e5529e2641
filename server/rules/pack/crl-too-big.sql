-- rule: crl-too-big
-- SPDX-License-Identifier: Apache-2.0
-- code: G15
-- title: A revocation list is larger than what this machine may fetch
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/cert-store:CA server/reg-system
-- applies: EXISTS (SELECT 1 FROM revocation_checked WHERE machine = :machine)
-- explains: 403.13.2148081683
-- message: The list of "{issuer}" has {size} bytes, and {machine} fetches at most {limit} (MaxUrlRetrievalByteCount): it never gets a new one (0x80092013).
-- confirm: The limit must be that number, and CAPI2 event 53 name the address of the list with an error.
--   $ reg query "HKLM\SOFTWARE\Microsoft\Cryptography\OID\EncodingType 0\CertDllCreateCertificateChainEngine\Config" /v MaxUrlRetrievalByteCount
-- remedy: Take the limit away (Windows' own is 104857600 bytes), or have the CA divide its lists, or use OCSP.
--
--   $ reg delete "HKLM\SOFTWARE\Microsoft\Cryptography\OID\EncodingType 0\CertDllCreateCertificateChainEngine\Config" /v MaxUrlRetrievalByteCount /f
--   undo: $ reg add "HKLM\SOFTWARE\Microsoft\Cryptography\OID\EncodingType 0\CertDllCreateCertificateChainEngine\Config" /v MaxUrlRetrievalByteCount /t REG_DWORD /d {limit|cmd} /f
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_chain_engine_config
-- since: 1
SELECT v.machine, l.sha1 AS subject, l.issuer, l.size, g.number AS "limit",
  json_array(json_object('entry', l.entry, 'excerpt', l.issuer), json_object('entry', g.entry, 'line', g.line, 'excerpt', 'MaxUrlRetrievalByteCount ' || g.number)) AS evidence
FROM revocation_link v JOIN certificate c ON c.machine = v.holder AND c.thumbprint = v.thumbprint
JOIN store_crl l ON l.machine = v.machine AND l.issuer_der = c.issuer_der
JOIN registry_value g ON g.machine = v.machine AND lower(g.name) = 'maxurlretrievalbytecount' AND g.key LIKE '%\CertDllCreateCertificateChainEngine\Config' AND g.number > 0
WHERE l.size > g.number
GROUP BY v.machine, l.sha1
ORDER BY v.machine, l.sha1
