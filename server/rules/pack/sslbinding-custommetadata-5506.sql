-- rule: sslbinding-custommetadata-5506
-- SPDX-License-Identifier: Apache-2.0
-- code: D18
-- title: An old setting makes IIS delete its TLS bindings (KB 2025598)
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config
-- strength: may
-- message: applicationHost.config holds property 5506 for {at} in customMetadata ({entry}:{line}). When the site is changed or recycled, IIS
--   deletes its https records in http.sys and may make them without their flags.
-- confirm: The property must stand there, and HttpEvent 15300 (a record deleted) be in the System log at the times of changes or recycling.
--   PS> Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-HttpEvent';Id=15300,15301} -MaxEvents 20
-- remedy: Back the configuration up, then take the property out.
--
--   $ %windir%\system32\inetsrv\appcmd add backup "before-5506"
--   $ %windir%\system32\inetsrv\appcmd clear config -section:system.applicationHost/customMetadata /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd restore backup "before-5506"
-- interrupts: IIS reads its configuration again; keep the backup.
-- references: https://support.microsoft.com/help/2025598
-- since: 1
SELECT c.machine, c.path || ' ' || c.id AS subject, coalesce(c.path, 'a site') AS at, c.entry, c.line,
  -- it has happened to that site, and its paths want certificates
  iif(EXISTS (SELECT 1 FROM effective_binding b JOIN site s ON s.machine = b.machine AND s.site = b.site AND c.path LIKE 'LM/W3SVC/' || s.id
    WHERE b.machine = c.machine AND b.endpoint IS NULL AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))),
    'error', 'warning') AS severity,
  json_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', 'property 5506')) AS evidence
FROM custom_metadata c WHERE c.id = 5506
ORDER BY c.machine, c.path
