-- rule: server-farm-drift
-- SPDX-License-Identifier: Apache-2.0
-- code: F28
-- title: Two servers of the farm do not treat client certificates alike
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/cert-store:Root server/reg-schannel
-- explains: 403.16.* 403.7.*
-- strength: may
-- message: {machine} and {other} serve the same site, and differ: {list}. Requests fail on one node only.
-- confirm: Ask each node by its own address, with the same client: one serves it and the other does not. Refuted when both answer alike.
-- remedy: Bring the two to the same state: export from the node that works, and import on the other.
-- references: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/errors-403-7-reject-client-certificate-request
-- since: 1
SELECT d.machine, d.other AS subject, d.other, count(*) || ' difference(s), for example ' || min(d.kind || ' ' || d.what || ': ' || coalesce(d.here, 'missing here') || ' / ' || coalesce(d.there, 'missing there')) AS list,
  json_array(json_object('thumbprint', max(CASE WHEN d.kind <> 'setting' THEN d.what END)), json_object('key', max(CASE WHEN d.kind = 'setting' THEN d.what END), 'value', max(CASE WHEN d.kind = 'setting' THEN d.here END))) AS evidence
FROM farm_difference d WHERE d.kind IN ('certificate', 'store Root', 'store CA', 'store ClientAuthIssuer', 'store Disallowed') OR d.what IN ('SendTrustedIssuerList', 'ClientAuthTrustMode')
GROUP BY d.machine, d.other
ORDER BY d.machine, d.other
