-- Which account uses which certificate as a client, as far as evidence ties the two together (causes I01): the complaint names both, or
-- a WCF client in a web.config picks the certificate and its pool runs as the account. Of a certificate that is picked by its subject
-- only where exactly one of the store fits: WCF refuses to choose. how_known is a sentence.
CREATE VIEW key_use AS
WITH owner AS ( -- the application at or above the place of each WCF client
  SELECT e.rowid AS id, (SELECT a.app_pool FROM application a WHERE a.machine = e.machine
      AND (lower(e.path) = lower(a.path) OR lower(substr(e.path, 1, length(a.path) + 1)) = lower(a.path) || '/') ORDER BY length(a.path) DESC LIMIT 1) AS app_pool
  FROM wcf_endpoint e WHERE e.is_client),
picked AS (
  SELECT e.rowid AS id, e.machine, e.path, e.find_type, e.find_value, e.entry, e.line, p.account, s.thumbprint
  FROM wcf_endpoint e JOIN owner o ON o.id = e.rowid
  JOIN app_pool p ON p.machine = e.machine AND lower(p.app_pool) = lower(o.app_pool)
  JOIN store_certificate s ON s.machine = e.machine AND lower(s.store) = lower(coalesce(e.store, 'My'))
    AND s.location = coalesce(e.store_location, 'LocalMachine') AND (s.location <> 'CurrentUser' OR s.user = p.sid)
  JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
  WHERE e.is_client AND coalesce(e.find_value, '') <> '' AND coalesce(s.archived, 0) = 0 AND CASE coalesce(e.find_type, 'FindBySubjectDistinguishedName')
    WHEN 'FindByThumbprint' THEN lower(replace(e.find_value, ' ', '')) = s.thumbprint
    WHEN 'FindBySubjectName' THEN instr(lower(c.subject), lower(e.find_value)) > 0
    WHEN 'FindBySubjectDistinguishedName' THEN lower(replace(e.find_value, ' ', '')) = lower(replace(c.subject, ' ', ''))
    WHEN 'FindBySerialNumber' THEN lower(replace(e.find_value, ' ', '')) = lower(c.serial) END)
SELECT DISTINCT k.machine, k.account, c.thumbprint, 'complaint' AS source, 'The complaint names this account and this certificate.' AS how_known,
  NULL AS entry, NULL AS line
FROM complaint c JOIN key_access k ON k.machine = c.machine AND lower(k.account) = lower(c.account) AND k.thumbprint = lower(c.thumbprint)
UNION ALL
SELECT machine, account, max(thumbprint), 'wcf', 'The WCF client of "' || path || '" picks it by ' || coalesce(find_type, 'FindBySubjectDistinguishedName')
  || ' "' || find_value || '", and its pool runs as this account.', entry, line
FROM picked GROUP BY id HAVING count(DISTINCT thumbprint) = 1;
