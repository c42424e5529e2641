-- rule: sslbinding-flags-misplaced
-- SPDX-License-Identifier: Apache-2.0
-- code: D09
-- title: A setting of http.sys stands where nothing reads it
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/reg-http!
-- message: {key} has the value {name} ({data}): {why_text}.
-- confirm: The value must be there, and no record of http.sys show what it says.
--   $ reg query {key|cmd} /v {name|cmd}
--   $ netsh http show sslcert
-- remedy: Delete the value there, and set it on the real binding with netsh.
--
--   $ reg export {key|cmd} <saved.reg>
--   $ reg delete {key|cmd} /v {name|cmd} /f
--   undo: $ reg import <saved.reg>
-- references: https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT v.machine, v.key || '\' || v.name AS subject, v.key, v.name, coalesce(v.data, '?') AS data,
  CASE WHEN v.type <> 'REG_DWORD' THEN 'http.sys reads a REG_DWORD, this is a ' || v.type
    ELSE 'http.sys reads it at a binding below SslBindingInfo (address:port) only' END AS why_text,
  json_array(json_object('key', v.key, 'name', v.name, 'value', v.data), json_object('entry', v.entry, 'line', v.line)) AS evidence
FROM registry_value v
WHERE lower(v.key) LIKE 'hklm\system\currentcontrolset\services\http\parameters%' AND lower(v.name) IN ('defaultflags', 'defaultsslcertcheckmode', 'clientcertnegotiation', 'defaultflag')
  AND (v.type <> 'REG_DWORD' OR lower(v.name) IN ('clientcertnegotiation', 'defaultflag') OR NOT (lower(v.key) GLOB '*\sslbindinginfo\*:[0-9]*'
    OR lower(v.key) GLOB '*\sslsnibindinginfo\*' OR lower(v.key) GLOB '*\sslccsbindinginfo\*' OR lower(v.key) GLOB '*\sslsniccsbindinginfo\*' OR lower(v.key) GLOB '*\sslscopedccsbindinginfo\*'))
ORDER BY v.machine, v.key, v.name
