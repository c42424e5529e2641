-- rule: header-too-large
-- SPDX-License-Identifier: Apache-2.0
-- code: L04
-- title: A header is longer than http.sys accepts, as a forwarded certificate may be
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-httperr server/reg-http
-- strength: seen
-- message: HTTPERR of {machine} names "{reason}" {n} time(s), and the limit {limit} is {value} bytes: a forwarded certificate with its chain,
--   or a large Kerberos ticket, does not fit (400).
-- confirm: HTTPERR must name the reason at the time of each failing request, with the application's log silent.
--   $ findstr /i /c:{reason|cmd} %windir%\System32\LogFiles\HTTPERR\httperr*.log
-- remedy: Raise both limits.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxFieldLength /t REG_DWORD /d 65534 /f
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxRequestBytes /t REG_DWORD /d 131072 /f
--   undo: $ reg delete HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxFieldLength /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxFieldLength /t REG_DWORD /d {field_length|cmd} /f
--   undo: $ reg delete HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxRequestBytes /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxRequestBytes /t REG_DWORD /d {request_bytes|cmd} /f
-- interrupts: The HTTP service must be started again.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/iisadmin-service-inetinfo/httpsys-registry-windows
-- since: 1
SELECT e.machine, e.reason AS subject, e.reason, sum(e.count) AS n, s.setting AS "limit", s.value,
  (SELECT g.value FROM schannel_setting g WHERE g.machine = e.machine AND g.setting = 'MaxFieldLength' AND g.is_set) AS field_length,
  (SELECT g.value FROM schannel_setting g WHERE g.machine = e.machine AND g.setting = 'MaxRequestBytes' AND g.is_set) AS request_bytes, 'warning' AS severity,
  json_array(json_object('key', s.key, 'name', s.setting, 'value', iif(s.is_set, '' || s.value, 'not set')), (SELECT json_object('entry', h.entry, 'line', h.line, 'excerpt', h.reason) FROM http_error h WHERE h.machine = e.machine AND h.reason = e.reason ORDER BY h.time LIMIT 1)) AS evidence
FROM http_error_count e JOIN schannel_setting s ON s.machine = e.machine AND s.setting = iif(e.reason = 'FieldLength', 'MaxFieldLength', 'MaxRequestBytes')
WHERE e.reason IN ('FieldLength', 'RequestLength')
GROUP BY e.machine, e.reason
ORDER BY e.machine, e.reason
