-- rule: client-cert-public-ca-sunset
-- SPDX-License-Identifier: Apache-2.0
-- code: H24
-- title: The client certificate comes from a public authority, which will not issue it for client authentication any more
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- message: {name} is a TLS server certificate of a public authority ({root}) with client authentication among its usages, valid until {not_after|time}. Public authorities leave that usage out
--   (Chrome's root programme: intermediates from June 2026 on, certificates from March 2027 on): the renewed one will not work as a client certificate.
-- confirm: Its root must be one of Microsoft's programme, and its usages hold server and client authentication; the authority's announcement says from when on the latter is left out.
--   $ certutil -user -v -store My {thumbprint|cmd}
-- remedy: Issue client certificates from an authority of your own, and let the server trust it, before this one is renewed.
-- references: https://googlechrome.github.io/chromerootprogram/
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, o.not_after, coalesce(r.subject_cn, r.subject, t.root) AS root,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
JOIN chain_status t ON t.machine = o.machine AND t.leaf_machine = o.machine AND t.leaf = o.thumbprint AND t.path = 0 AND t.trusted
JOIN store_certificate s ON s.machine = o.machine AND s.thumbprint = t.root AND s.physical = 'AuthRoot'
LEFT JOIN certificate r ON r.machine = o.machine AND r.thumbprint = t.root
WHERE ' ' || c.eku || ' ' LIKE '% 1.3.6.1.5.5.7.3.1 %' AND ' ' || c.eku || ' ' LIKE '% 1.3.6.1.5.5.7.3.2 %'
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
