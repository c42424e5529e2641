-- rule: http3-client-cert
-- SPDX-License-Identifier: Apache-2.0
-- code: E10
-- title: HTTP/3 is on at a site that asks for client certificates
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http server/reg-system
-- message: EnableHttp3 is {value}, and {endpoint} serves paths that ask for client certificates: QUIC allows no request after the handshake,
--   and http.sys supports client certificates there in part only.
-- confirm: Answers must carry an Alt-Svc header with h3, and the failing requests come over HTTP/3 (the developer tools of the browser name the protocol).
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v EnableHttp3
-- remedy: Switch QUIC off for this binding (disablequic=enable, with all its other parameters), or for http.sys.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v EnableHttp3 /t REG_DWORD /d 0 /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v EnableHttp3 /t REG_DWORD /d {value|cmd} /f
-- interrupts: The HTTP service must be started again.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings https://www.rfc-editor.org/rfc/rfc9001
-- since: 1
SELECT p.machine, min(p.site) AS site, p.endpoint AS subject, p.endpoint, s.value, json_array(json_object('key', s.key, 'name', 'EnableHttp3', 'value', '' || s.value)) AS evidence
FROM cert_place p JOIN schannel_setting s ON s.machine = p.machine AND s.setting = 'EnableHttp3' AND s.is_set AND s.value <> 0
WHERE p.endpoint IS NOT NULL AND p.flags & 32 = 0
GROUP BY p.machine, p.endpoint
ORDER BY p.machine, p.endpoint
