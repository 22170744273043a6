PROGRAMS += local/qmail-lspawn local/qmail-local local/qmail-getpw local/maildirmake
