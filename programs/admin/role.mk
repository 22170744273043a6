PROGRAMS += admin/qmail-newmrh admin/qmail-newcdb admin/qmail-showctl admin/qmail-config admin/qmail-rules admin/qmail-whose admin/splogger
LIBS_admin/qmail-newmrh = -l:libcdb.a
LIBS_admin/qmail-newcdb = -l:libcdb.a
LIBS_admin/qmail-showctl = -l:libcdb.a
SCRIPTS += admin/qmail-setup admin/qmail-backup
