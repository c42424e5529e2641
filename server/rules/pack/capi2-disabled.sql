-- rule: capi2-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: M12
-- title: The CAPI2 log, which says why a chain is refused, is off or empty
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-event
-- applies: EXISTS (SELECT 1 FROM symptom WHERE machine = :machine AND status = 403 AND substatus IN (13, 16, 17))
-- message: Certificates are refused at "{place}" ({statuses}), and the events that were collected hold none of CAPI2/Operational: it is off unless somebody
--   turned it on.
-- remedy: Turn it on, let the failure happen once more, collect again, turn it off. Most of its events belong to other programs; those of
--   lsass.exe, w3wp.exe and svchost.exe count.
--
--   $ wevtutil sl Microsoft-Windows-CAPI2/Operational /e:true /ms:33554432
--   undo: $ wevtutil sl Microsoft-Windows-CAPI2/Operational /e:false
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil
-- since: 1
SELECT s.machine, 'CAPI2/Operational' AS subject, min(coalesce(s.place, s.site, '')) AS place, group_concat(DISTINCT s.status || '.' || s.substatus) AS statuses
FROM (SELECT * FROM symptom ORDER BY machine, status, substatus, place) s
WHERE s.status = 403 AND s.substatus IN (13, 16, 17)
  AND NOT EXISTS (SELECT 1 FROM event_channel c WHERE c.machine = s.machine AND lower(c.channel) = 'microsoft-windows-capi2/operational')
  AND NOT EXISTS (SELECT 1 FROM item i WHERE i.machine = s.machine AND i.kind = 'log-event' AND i.outcome NOT IN ('ok', 'absent')
                    AND lower(i.source) LIKE '%capi2%operational%')  -- could not be read is not empty
GROUP BY s.machine
ORDER BY s.machine
