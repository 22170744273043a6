PROGRAMS += local/qmail-lspawn local/qmail-local local/qmail-getpw local/qmail-lmtp
LIBS_local/qmail-lspawn = -l:libcdb.a
# One process for each delivery: without the dynamic loader it costs a fifth less.
LIBS_local/qmail-local = -l:libcdb.a $(if $(SANITIZE),,-static-pie)
