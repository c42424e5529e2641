-- rule: iismap-password-undecryptable
-- SPDX-License-Identifier: Apache-2.0
-- code: B21
-- title: IIS cannot decrypt the passwords in its configuration: the key is another machine's
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/key-acl
-- explains: 500.19.2148073477 500.19.2148073483
-- strength: must
-- message: The configuration names {accounts} account(s) with a password, and {key_text}{seen_text}
-- confirm: IIS must refuse to show the passwords; the error page on the server itself says "Failed to decrypt attribute".
--   $ %windir%\system32\inetsrv\appcmd list config -section:system.applicationHost/applicationPools
-- remedy: Type the passwords again (they are encrypted with the key that is there), or bring the key over from the machine that the configuration came from.
--
--   There:
--
--   $ %windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_regiis -px iisConfigurationKey C:\iisConfigurationKey.xml -pri
--
--   Here:
--
--   $ %windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_regiis -pi iisConfigurationKey C:\iisConfigurationKey.xml
-- interrupts: IIS has to be restarted; delete the exported file afterwards.
-- references: https://learn.microsoft.com/iis/web-hosting/configuring-servers-in-the-windows-web-platform/shared-configuration_211
-- since: 1
WITH used AS (
  SELECT machine, count(*) AS accounts, min(entry) AS entry, min(line) AS line FROM (
    SELECT machine, entry, line FROM certificate_mapping WHERE user_name <> '' AND enabled
    UNION ALL SELECT machine, entry, line FROM app_pool WHERE identity_type = 'SpecificUser')
  GROUP BY machine),
keys AS (
  SELECT k.machine, max(lower(k.file_name) IN ('6de9cb26d2b98c01ec4e9e8b34824aa2_' || lower(m.guid), 'f0e91f6485ac2d09485e4ec18135601e_' || lower(m.guid))) AS own, max(k.path) AS path, max(k.entry) AS entry
  FROM key_file k JOIN machine m ON m.machine = k.machine
  WHERE m.guid IS NOT NULL AND (lower(k.file_name) LIKE '6de9cb26d2b98c01ec4e9e8b34824aa2!_%' ESCAPE '!' OR lower(k.file_name) LIKE 'f0e91f6485ac2d09485e4ec18135601e!_%' ESCAPE '!')
    -- from a list that is not whole it does not follow that the own one is missing
    AND NOT EXISTS (SELECT 1 FROM item i WHERE i.machine = k.machine AND i.kind = 'key-acl' AND i.outcome NOT IN ('ok', 'absent'))
  GROUP BY k.machine),
seen AS (
  SELECT machine, sum(count) AS count FROM symptom WHERE status = 500 AND substatus = 19 AND win32 IN (2148073477, 2148073483) GROUP BY machine)
SELECT u.machine, 'iisConfigurationKey' AS subject, u.accounts,
  iif(k.own = 0, 'the only key iisConfigurationKey (' || k.path || ') carries the identifier of another machine', 'the key does not fit') AS key_text,
  coalesce('; ' || s.count || ' request(s) ended with 500.19 because a value could not be decrypted.', '.') AS seen_text,
  iif(s.count IS NULL, 'warning', 'error') AS severity, iif(s.count IS NULL, 'may', 'seen') AS strength,
  json_array(json_object('entry', u.entry, 'line', u.line), json_object('entry', k.entry, 'excerpt', k.path)) AS evidence
FROM used u LEFT JOIN keys k ON k.machine = u.machine LEFT JOIN seen s ON s.machine = u.machine
WHERE k.own = 0 OR s.count IS NOT NULL
ORDER BY u.machine
