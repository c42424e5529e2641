-- rule: chain-gpo-root-flap
-- SPDX-License-Identifier: Apache-2.0
-- code: F21
-- title: A root is trusted by group policy only
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/cert-store:Root
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- uses: server/log-iis
-- explains: 403.16.2148204809
-- message: {name}, on which the client certificate {leaf} depends, stands in Trusted Root by group policy only: while the policy is applied
--   anew it is missing for a moment (KB 4560600), and the certificate is refused now and then (0x800B0109).
-- confirm: The refusals must come with the application of the policy, some minutes apart, and the same client be served before and after.
--   $ gpresult /r /scope computer
-- remedy: Where 403.16 comes and goes, put it into Trusted Root of the machine as well.
--
--   $ certutil -addstore Root <root.cer>
--   undo: $ certutil -delstore Root {thumbprint|cmd}
-- interrupts: Service is not interrupted.
-- references: https://support.microsoft.com/help/4560600
-- since: 1
SELECT t.machine, t.root AS subject, -- by itself it is the ordinary state: it counts where such refusals come and go
  iif(EXISTS (SELECT 1 FROM symptom y JOIN request_count b ON b.machine = y.machine AND b.place IS y.place AND b.status BETWEEN 200 AND 399 AND b.first < y.first
    JOIN request_count a ON a.machine = y.machine AND a.place IS y.place AND a.status BETWEEN 200 AND 399 AND a.last > y.last
    WHERE y.machine = t.machine AND y.status = 403 AND y.substatus = 16 AND y.win32 = 2148204809), 'warning', 'info') AS severity,
  '"' || coalesce(c.subject, t.root) || '" (' || t.root || ')' AS name, t.root AS thumbprint, min(t.leaf) AS leaf,
  json_array(json_object('thumbprint', t.root, 'store', 'LocalMachine\Root')) AS evidence
FROM chain_status t JOIN client_offer o ON o.machine = t.leaf_machine AND o.thumbprint = t.leaf AND o.usable
LEFT JOIN certificate c ON c.machine = t.machine AND c.thumbprint = t.root
WHERE t.trusted AND t.path = 0
  AND EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = t.machine AND s.thumbprint = t.root AND +lower(s.store) = 'root' AND s.physical = 'GroupPolicy')
  AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = t.machine AND s.thumbprint = t.root AND +lower(s.store) = 'root' AND s.location = 'LocalMachine' AND coalesce(s.physical, 'Registry') <> 'GroupPolicy')
GROUP BY t.machine, t.root
ORDER BY t.machine, t.root
