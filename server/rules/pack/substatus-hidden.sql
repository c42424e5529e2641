-- rule: substatus-hidden
-- SPDX-License-Identifier: Apache-2.0
-- code: A20
-- title: The log does not say the substatus
-- severity: info
-- confidence: P
-- role: server
-- needs: server/log-iis
-- message: {entry} has no {missing}: which kind of 403, 401 or 500 a request got is not in it.
-- remedy: Log the fields.
--
--   $ %windir%\system32\inetsrv\appcmd set config -section:system.applicationHost/sites "-siteDefaults.logFile.logExtFileFlags:Date,Time,ClientIP,UserName,ServerIP,Method,UriStem,UriQuery,HttpStatus,HttpSubStatus,Win32Status,TimeTaken,ServerPort,UserAgent,Referer" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd clear config -section:system.applicationHost/sites -siteDefaults.logFile.logExtFileFlags /commit:apphost
-- interrupts: A new log file begins.
-- references: https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/sitedefaults/logfile
-- since: 1
SELECT l.machine, l.site, coalesce(l.site, l.entry) AS subject, max(l.entry) AS entry,
  iif(' ' || l.fields || ' ' LIKE '% sc-substatus %', '', 'sc-substatus') || iif(' ' || l.fields || ' ' LIKE '% sc-substatus %' OR ' ' || l.fields || ' ' LIKE '% sc-win32-status %', '', ' and no ')
    || iif(' ' || l.fields || ' ' LIKE '% sc-win32-status %', '', 'sc-win32-status') AS missing, json_array(json_object('entry', max(l.entry))) AS evidence
FROM log_file l WHERE l.kind = 'iis' AND l.fields IS NOT NULL AND ' ' || l.fields || ' ' LIKE '% sc-status %'
  AND (' ' || l.fields || ' ' NOT LIKE '% sc-substatus %' OR ' ' || l.fields || ' ' NOT LIKE '% sc-win32-status %')
GROUP BY l.machine, l.site
ORDER BY l.machine, l.site
