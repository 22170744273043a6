# Each helper alone is linked with the library of its server.
PROGRAMS += sqlstore/qmail-store-sqlite
LIBS_sqlstore/qmail-store-sqlite = -l:libcdb.a -lsqlite3
BUILD_PACKAGES += libsqlite3-dev
TEST_PACKAGES += sqlite3
