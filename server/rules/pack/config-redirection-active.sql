-- rule: config-redirection-active
-- SPDX-License-Identifier: Apache-2.0
-- code: A15
-- title: IIS reads its configuration from another folder (shared configuration)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config
-- message: redirection.config is on: IIS reads {source}, not the applicationHost.config of %windir%\System32\inetsrv\config. What is said of the
--   configuration here is said of that file; what is changed in the local one changes nothing.
-- confirm: "enabled" must be true there.
--   $ type %windir%\system32\inetsrv\config\redirection.config
-- remedy: Change the file that IIS reads; appcmd and IIS Manager do so by themselves, an editor does not.
--
--   [14393-] PS> Get-IISSharedConfig
-- references: https://learn.microsoft.com/iis/configuration/configurationredirection/ https://learn.microsoft.com/iis/web-hosting/configuring-servers-in-the-windows-web-platform/shared-configuration_211
-- since: 1
SELECT f.machine, 'redirection.config' AS subject, f.source, 'info' AS severity,
  json_array(json_object('entry', r.entry), json_object('entry', f.entry)) AS evidence
FROM config_file f JOIN config_file r ON r.machine = f.machine AND r.level = 'redirection'
WHERE f.level = 'apphost' AND f.used AND f.source IS NOT NULL AND lower(f.source) NOT LIKE '%\system32\inetsrv\config\applicationhost.config'
GROUP BY f.machine
ORDER BY f.machine
