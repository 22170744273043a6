PROGRAMS += tls/qmail-tlsd tls/qmail-tls
LIBS_tls/qmail-tlsd = -lssl -lcrypto
LIBS_tests/tls/tickets_test = -lssl -lcrypto
SCRIPTS += tls/qmail-certificate
