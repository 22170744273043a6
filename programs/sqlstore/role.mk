# Each helper alone is linked with the library of its server.
PROGRAMS += sqlstore/qmail-store-sqlite sqlstore/qmail-store-mysql sqlstore/qmail-store-pgsql sqlstore/qmail-store-ldap sqlstore/vsetup-sql
PROGRAMS += sqlstore/ezmlm-mktab sqlstore/ezmlm-table-sqlite sqlstore/ezmlm-table-mysql sqlstore/ezmlm-table-pgsql
LIBS_sqlstore/qmail-store-sqlite = -l:libcdb.a -lsqlite3
LIBS_sqlstore/qmail-store-mysql = -l:libcdb.a -lmariadb
LIBS_sqlstore/qmail-store-pgsql = -l:libcdb.a -lpq
LIBS_sqlstore/qmail-store-ldap = -l:libcdb.a -lldap -llber
LIBS_sqlstore/vsetup-sql = -l:libcdb.a
LIBS_sqlstore/ezmlm-table-sqlite = -lsqlite3
LIBS_sqlstore/ezmlm-table-mysql = -lmariadb
LIBS_sqlstore/ezmlm-table-pgsql = -lpq
BUILD_PACKAGES += libsqlite3-dev libmariadb-dev libpq-dev libldap-dev
TEST_PACKAGES += sqlite3 mariadb-server postgresql slapd ldap-utils
