-- rule: admap-strong-mapping-required
-- SPDX-License-Identifier: Apache-2.0
-- code: C09
-- title: The client certificate has no security identifier: domain controllers refuse weak mappings
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- explains: 401.1.* 401.2.* 403.12.*
-- message: "{path}" maps certificates by Active Directory, and {name} has no security identifier (1.3.6.1.4.1.311.25.2). Since February 2025
--   domain controllers refuse it unless the account has a strong altSecurityIdentities value (KB5014754).
--   {dc} refused it {count} time(s) (event {event_id}), the last at {last|time}.
-- confirm: Each refusal makes event 39 (41 on 2008) of Kerberos-Key-Distribution-Center in the System log of a domain controller. Collect that too (certtriage-collect --role dc); none of the kind at the time of a failure refutes it.
--   PS> Get-WinEvent -FilterHashtable @{LogName='System';ProviderName='Microsoft-Windows-Kerberos-Key-Distribution-Center';Id=39,41} -MaxEvents 20
-- remedy: Enrol the certificate again from a patched CA, or name it at the account in a strong form.
--
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Set-ADUser <account> -Replace @{altSecurityIdentities='X509:<I><issuer><SR><serial number, bytes reversed>'}
--   undo: PS> Set-ADUser <account> -Clear altSecurityIdentities
-- references: https://support.microsoft.com/help/5014754
-- since: 1
SELECT p.machine, p.site, min(p.path) AS path, o.thumbprint AS subject, o.name, r.machine AS dc, r.count, r.event_id, r.last,
  iif(r.level <= 2, 'error', 'warning') AS severity, iif(r.machine IS NULL, NULL, 'seen') AS strength, json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM site_path p JOIN client_offer o ON o.usable LEFT JOIN kdc_refusal r ON r.about = 'strong' AND r.thumbprint = o.thumbprint
WHERE p.ad_mapping AND p.broken = 0 AND o.thumbprint NOT IN (SELECT thumbprint FROM certificate_name WHERE kind = 'sid')
  -- refused, meant, or the only kind that this client has
  AND (r.machine IS NOT NULL OR o.named OR o.machine NOT IN (SELECT f.machine FROM client_offer f JOIN certificate_name n ON n.thumbprint = f.thumbprint AND n.kind = 'sid'
    WHERE f.usable))
GROUP BY p.machine, o.thumbprint
ORDER BY p.machine, o.thumbprint
