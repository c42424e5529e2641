-- rule: crl-proxy
-- SPDX-License-Identifier: Apache-2.0
-- code: G05
-- title: Revocation lists are fetched without the proxy that the users of the server need
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-iis server/reg-client
-- explains: 403.13.2148081683
-- strength: must
-- outranks: crl-unreachable
-- message: {total} request(s) ended with 403.13 because no revocation list could be reached (0x80092013), WinHTTP has no proxy, and {whose} goes out by {proxy}. Lists are fetched by the
--   machine: it does not look at the proxy of a user.
-- confirm: As the machine itself, with the proxy of WinHTTP:
--   $ netsh winhttp show proxy
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Give WinHTTP the proxy.
--
--   $ netsh winhttp set proxy {proxy_server|netsh} "<local>"
--   $ netsh winhttp set proxy <proxy:port> "<local>"{is_script|command}
--   undo: $ netsh winhttp reset proxy
-- interrupts: Other services of the machine use that proxy too.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-winhttp https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH asked AS ( -- what a user of the machine goes out by
  SELECT p.machine, p.user, p.text AS proxy_server, NULL AS script, p.key, p.entry, p.line FROM client_setting p
  WHERE p.setting = 'ProxyServer' AND coalesce(p.text, '') <> '' AND EXISTS (SELECT 1 FROM client_setting e WHERE e.machine = p.machine AND e.user IS p.user AND e.setting = 'ProxyEnable' AND e.value = 1)
  UNION ALL
  SELECT machine, user, NULL, text, key, entry, line FROM client_setting WHERE setting = 'AutoConfigURL' AND coalesce(text, '') <> '')
SELECT s.machine, 'WinHTTP' AS subject, sum(s.count) AS total, max(s.last) AS last, a.proxy_server, coalesce('the user ' || a.user, 'the machine') AS whose,
  coalesce('the proxy ' || a.proxy_server, 'the script ' || a.script) AS proxy, iif(a.script IS NULL, NULL, '') AS is_script,
  json_array(json_object('entry', a.entry, 'line', a.line, 'excerpt', coalesce(a.proxy_server, a.script)), (SELECT json_object('entry', r.entry, 'line', r.line) FROM request r WHERE r.machine = s.machine AND r.status = 403 AND r.substatus = 13 ORDER BY r.entry, r.line LIMIT 1)) AS evidence
FROM (SELECT y.machine, y.count, y.last FROM symptom y WHERE y.status = 403 AND y.substatus = 13 AND y.win32 = 2148081683) s
JOIN (SELECT *, row_number() OVER (PARTITION BY machine ORDER BY proxy_server IS NULL, user) AS nth FROM asked) a ON a.machine = s.machine AND a.nth = 1
WHERE NOT EXISTS (SELECT 1 FROM client_setting w WHERE w.machine = s.machine AND w.setting = 'WinHttp proxy' AND coalesce(w.text, '') <> '')
GROUP BY s.machine
ORDER BY s.machine
