PROGRAMS += local/qmail-lspawn local/qmail-local local/qmail-getpw local/maildirmake
LIBS_local/qmail-lspawn = -l:libcdb.a
