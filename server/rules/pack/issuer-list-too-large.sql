-- rule: issuer-list-too-large
-- SPDX-License-Identifier: Apache-2.0
-- code: F07
-- title: The list of trusted issuers that the server sends is cut: it is longer than 16 KiB
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel! server/reg-system server/cert-store:Root server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- strength: must
-- outranks: client-cert-absent issuer-list-on-issuer-absent
-- message: The server sends its list of trusted issuers (SendTrustedIssuerList {value}, {how}), and the {names} names of its source "{source}"
--   take {size} bytes; more than 16384 are cut off. A client whose issuer is in the part that is cut offers no certificate.
--   Schannel wrote {count} time(s) that it cut the list (event 36885), the last at {last|time}.
-- confirm: The System log holds Schannel event 36885 (with EventLogging 2 set).
--   $ wevtutil qe System /q:"*[System[Provider[@Name='Schannel'] and EventID=36885]]" /c:5 /rd:true /f:text
-- remedy: Remove roots that are not needed, or send a short list from a store of its own, or send none.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 0 /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 1 /f
-- interrupts: The registry value counts after a restart of the machine.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview https://support.microsoft.com/help/2464556
-- since: 1
WITH lists AS (
  SELECT machine, lower(source) AS source, count(*) AS names, sum(bytes) AS size
  FROM (SELECT DISTINCT machine, source, subject_der, bytes FROM issuer_list) GROUP BY machine, lower(source))
SELECT i.machine, 'issuer list of ' || l.source AS subject, l.source, l.names, l.size, s.value, iif(s.is_set, 'set', 'the default') AS how,
  (SELECT sum(e.count) FROM event_seen e WHERE e.own AND e.machine = i.machine AND e.area = 'schannel' AND e.event_id = 36885) AS count,
  (SELECT max(e.last) FROM event_seen e WHERE e.own AND e.machine = i.machine AND e.area = 'schannel' AND e.event_id = 36885) AS last,
  json_array(json_object('key', s.key, 'name', 'SendTrustedIssuerList', 'value', iif(s.is_set, '' || s.value, 'not set'))) AS evidence
FROM schannel_setting s CROSS JOIN issuer_source i ON i.machine = s.machine
CROSS JOIN lists l ON l.machine = i.machine AND l.source = i.source
WHERE s.setting = 'SendTrustedIssuerList' AND s.value = 1 AND l.size > 16384
GROUP BY i.machine, l.source
ORDER BY i.machine, l.source
