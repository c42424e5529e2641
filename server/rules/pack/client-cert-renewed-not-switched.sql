-- rule: client-cert-renewed-not-switched
-- SPDX-License-Identifier: Apache-2.0
-- code: H28
-- title: A program picks its client certificate by a thumbprint that is not, or no longer, right
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/cert-store:My!
-- message: The WCF client of "{place}" ({entry}:{line}) calls {address} with the certificate of the thumbprint "{find_value}" in LocalMachine\{store}: {what}.
-- confirm: The program's own error must be that it finds no certificate by that value, or the log of the service show 403.7 or 403.17 for it.
--   $ certutil -store {store|cmd}
-- remedy: Write the thumbprint of the right certificate there, as hexadecimal digits only{newer_text}. Copied from the certificate's dialogue an invisible character may stand in front of it: type it, or
--   take it from here.
--
--   $ certutil -store {store|cmd}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/dotnet/framework/wcf/feature-details/how-to-retrieve-the-thumbprint-of-a-certificate https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf/clientcertificate-of-clientcredentials-element
-- since: 1
WITH named AS (
  SELECT e.machine, e.path AS place, e.address, e.find_value, coalesce(e.store, 'My') AS store, e.entry, e.line, e.find_value GLOB '*[^0-9A-Fa-f ]*' AS is_odd,
    lower(replace(replace(replace(replace(replace(e.find_value, ' ', ''), char(8206), ''), char(8207), ''), char(65279), ''), ':', '')) AS thumbprint
  FROM wcf_endpoint e WHERE e.is_client AND e.find_type = 'FindByThumbprint' AND coalesce(e.find_value, '') <> '' AND coalesce(e.store_location, 'LocalMachine') = 'LocalMachine'),
found AS (
  SELECT n.*, s.thumbprint AS there, coalesce(s.archived, 0) AS archived, c.not_after, c.not_after < m.collected AS expired,
    (SELECT x.thumbprint FROM store_certificate y JOIN certificate x ON x.machine = y.machine AND x.thumbprint = y.thumbprint
      WHERE y.machine = n.machine AND y.location = 'LocalMachine' AND lower(y.store) = lower(n.store) AND x.subject_der = c.subject_der AND x.not_after > c.not_after
        AND coalesce(y.archived, 0) = 0 AND x.not_before <= m.collected ORDER BY x.not_after DESC, x.thumbprint LIMIT 1) AS newer
  FROM named n JOIN machine m ON m.machine = n.machine
  LEFT JOIN store_certificate s ON s.machine = n.machine AND s.location = 'LocalMachine' AND lower(s.store) = lower(n.store) AND s.thumbprint = n.thumbprint
  LEFT JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint)
SELECT f.machine, f.place || ' ' || f.thumbprint AS subject, f.place, f.entry, min(f.line) AS line, coalesce(f.address, 'its service') AS address, f.find_value, f.store,
  CASE WHEN f.is_odd THEN 'there are characters in it that are no hexadecimal digits, and may be invisible' || iif(f.there IS NULL, '', '; without them a certificate of the store fits')
    WHEN f.there IS NULL THEN 'no certificate there has it'
    WHEN f.expired THEN 'that certificate expired on ' || iso(f.not_after) WHEN f.archived THEN 'that certificate is archived, and is not found'
    END || coalesce(', and a newer one of the same subject is ' || f.newer, '') AS what,
  coalesce(' (' || coalesce(f.newer, iif(f.is_odd, f.there, NULL)) || ')', '') AS newer_text,
  json_array(json_object('entry', f.entry, 'line', min(f.line), 'excerpt', 'findValue'), json_object('thumbprint', f.there, 'store', iif(f.there IS NULL, NULL, 'LocalMachine\' || f.store))) AS evidence
FROM found f
WHERE f.is_odd OR f.there IS NULL OR f.expired OR f.archived
GROUP BY f.machine, f.place, f.thumbprint
ORDER BY f.machine, f.place, f.thumbprint
