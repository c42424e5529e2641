-- Version 4: report.json is a BLOB, the text as gzip (RFC 1952; store_pack.h). Reports from before stay TEXT, and are read as such; the
-- number keeps older programs from giving out what they would take for text.
PRAGMA user_version;
